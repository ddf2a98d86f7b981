"""The ends of rows one by one, awaited."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest

from carried import report_of
from klaviyo_py import AsyncClient, AsyncOutcomeStream, AuthenticationError, Report, Sandbox

Row = Mapping[str, object]


def events(count: int | None = None) -> Iterator[Row]:
    numbers = itertools.count() if count is None else range(count)
    return ({"metric": "Viewed", "external_id": str(number)} for number in numbers)


async def awaited(rows: Iterator[Row]) -> AsyncIterator[Row]:
    for row in rows:
        await asyncio.sleep(0)
        yield row


async def read(outcomes: AsyncOutcomeStream, ends: list[str]) -> None:
    async for end in outcomes:
        ends.append(end.outcome)


def test_every_row_has_its_end_once(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in events(2500)))

    async def send() -> None:
        async with sandbox.async_client() as client:
            for rows in (events(2500), awaited(events(2500)), path):
                async with client.bulk.stream.create_events(rows) as outcomes:
                    assert outcomes.report is None
                    seen = [row async for row, outcome, failure in outcomes]
                assert sorted(seen) == list(range(2500))
                assert outcomes.report is not None
                assert outcomes.report.accepted == 2500
                assert [outcome async for outcome in outcomes] == []

    asyncio.run(send())


def test_leaving_early_ends_the_run_in_order(sandbox: Sandbox) -> None:
    async def send() -> Report | None:
        async with sandbox.async_client() as client:
            async with client.bulk.stream.create_events(events()) as outcomes:
                async for outcome in outcomes:
                    assert outcome.outcome == "accepted"
                    break
            async with aclosing(client.bulk.stream.create_events(events(1))) as others:
                assert others.report is None
            assert others.report is not None
            return outcomes.report

    report = asyncio.run(send())
    assert report is not None
    assert report.unknown == 0
    assert report.rows == report.accepted + report.rejected
    assert set(report.reasons) <= {"not_sent"}
    assert sandbox.state()["events"] == report.accepted


def test_what_stopped_the_run_is_raised_behind_the_last_end(sandbox: Sandbox) -> None:
    async def send() -> None:
        client = AsyncClient("pk_wrong", base_url=sandbox.url)
        outcomes = client.bulk.stream.create_events(awaited(events(1500)))
        ends: list[str] = []
        with pytest.raises(AuthenticationError) as raised:
            await read(outcomes, ends)
        assert raised.value.report is not None
        assert outcomes.report is raised.value.report
        assert 1000 < len(ends) == raised.value.report.rows
        # The second request may have been on its way already: then its rows failed, too.
        assert {"failed"} <= set(ends) <= {"failed", "rejected"}
        assert [end async for end in outcomes] == []

    asyncio.run(send())


def test_so_is_what_the_rows_raised(sandbox: Sandbox) -> None:
    async def rows() -> AsyncIterator[Row]:
        async for row in awaited(events(3)):
            yield row
        raise OSError("the database is gone")

    async def send() -> None:
        ends: list[str] = []
        outcomes = sandbox.async_client().bulk.stream.create_events(rows())
        with pytest.raises(OSError, match="database is gone") as raised:
            await read(outcomes, ends)
        assert ends == ["accepted"] * 3
        assert raised.value.__dict__["report"].accepted == 3

    asyncio.run(send())


def test_the_bodys_own_exception_goes_through(sandbox: Sandbox) -> None:
    async def halve(outcomes: AsyncOutcomeStream) -> None:
        async with outcomes:
            async for outcome in outcomes:
                assert outcome.row / 0

    async def send() -> Report | None:
        outcomes = sandbox.async_client().bulk.stream.create_events(events())
        with pytest.raises(ZeroDivisionError):
            await halve(outcomes)
        return outcomes.report

    assert asyncio.run(send()) is not None


def test_to_cancel_the_wait_for_an_end_cancels_the_run(sandbox: Sandbox) -> None:
    async def rows() -> AsyncIterator[Row]:
        yield {"metric": "Viewed", "external_id": "1"}
        reading.set()
        await asyncio.Event().wait()

    async def send() -> None:
        async with sandbox.async_client().bulk.stream.create_events(rows()) as outcomes:
            streams.append(outcomes)
            async for _ in outcomes:
                pass

    async def cancel() -> None:
        task = asyncio.ensure_future(send())
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as raised:
            await task
        report = streams[0].report
        assert report is not None
        assert report_of(raised.value) is report
        assert report.rejected == 1

    reading = asyncio.Event()
    streams: list[AsyncOutcomeStream] = []
    asyncio.run(cancel())
    assert sandbox.state()["events"] == 0


def test_one_reader_at_a_time(sandbox: Sandbox) -> None:
    async def read() -> None:
        async with sandbox.async_client().bulk.stream.create_events(awaited(events(10))) as stream:
            task = asyncio.ensure_future(anext(stream))
            await asyncio.sleep(0)
            with pytest.raises(RuntimeError, match="is being read already"):
                await anext(stream)
            await task

    asyncio.run(read())


def test_a_stream_is_resumed(sandbox: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "events.db"

    async def send() -> int:
        async with sandbox.async_client() as client:
            stream = client.bulk.stream
            async with stream.create_events(events(30_000), journal=journal) as outcomes:
                await anext(outcomes)
            ends = [end async for end in stream.resume(journal, awaited(events(30_000)))]
            return sum(end.outcome == "accepted" for end in ends)

    assert asyncio.run(send()) == 30_000
    assert sandbox.state()["events"] == 30_000
