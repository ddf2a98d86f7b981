"""How far a run has come: a callback is told, or a bar shows it."""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import polars
import pytest

from klaviyo_py import Client, Progress, Report, Sandbox
from klaviyo_py.progress import Bar


def events(count: int) -> list[dict[str, object]]:
    return [{"metric": "Viewed", "external_id": str(number)} for number in range(count)]


def generated(count: int) -> Iterator[dict[str, object]]:
    yield from events(count)


def in_batches(client: Client, rows: Any, **options: Any) -> Report:
    return client.bulk.create_events(rows, **options)


def streamed(client: Client, rows: Any, **options: Any) -> Report:
    with client.bulk.stream.create_events(rows, **options) as outcomes:
        for _ in outcomes:
            pass
    report = outcomes.report
    assert report is not None
    return report


def awaited(client: Client, rows: Any, **options: Any) -> Report:
    del client

    async def send() -> Report:
        async with SANDBOX[0].async_client() as client:
            return await client.bulk.create_events(rows, **options)

    return asyncio.run(send())


SANDBOX: list[Sandbox] = []


@pytest.fixture(autouse=True)
def of_this_test(sandbox: Sandbox) -> Iterator[None]:
    SANDBOX[:] = [sandbox]
    yield
    SANDBOX.clear()


WAYS = pytest.mark.parametrize("send", [in_batches, streamed, awaited])


@WAYS
def test_a_callback_is_told_until_the_end(client: Client, send: Callable[..., Report]) -> None:
    told: list[tuple[Progress, int]] = []

    def note(progress: Progress) -> None:
        told.append((progress, threading.get_ident()))

    report = send(client, [*events(2500), {"metric": "Viewed"}], progress=note)
    *before, (last, _) = told
    assert not any(progress.ended for progress, _ in before)
    assert {thread for _, thread in told} == {threading.get_ident()}
    assert last.ended
    assert (last.rows, last.total, last.sent, last.done) == (2501, 2501, 2500, 2501)
    for name in ("completed", "accepted", "failed", "rejected", "unknown", "requests", "retries"):
        assert getattr(last, name) == getattr(report, name), name
    assert last.bytes_sent == report.bytes_sent
    assert (last.elapsed, last.waited) == (report.elapsed, report.waited)
    assert (last.eta, last.batches_open, last.jobs_open) == (0, 0, 0)
    assert last.rate == pytest.approx(2501 / report.elapsed)
    assert repr(last).startswith("<Progress 2501 of 2501 rows after ")


@WAYS
def test_a_callback_is_told_while_rows_come_slowly(
    client: Client, send: Callable[..., Report]
) -> None:
    told: list[Progress] = []

    def rows() -> Iterator[dict[str, object]]:
        """Goes on when it was told of: no clock, and no row is waited for in vain."""
        for number, row in enumerate(generated(3)):
            while number and not told:
                yield {"metric": "Viewed", "external_id": "waiting"}
            yield row

    report = send(client, rows(), progress=told.append)
    assert not told[0].ended
    assert (told[0].total, told[0].eta) == (None, None)
    assert (told[-1].total, told[-1].rows) == (report.rows, report.rows)
    assert len(told) <= 2 + report.elapsed / 0.1


@WAYS
def test_what_a_callback_raises_ends_the_run_in_order(
    client: Client, send: Callable[..., Report], sandbox: Sandbox
) -> None:
    def stop(progress: Progress) -> None:
        raise LookupError(str(progress.rows))

    def endless() -> Iterator[dict[str, object]]:
        while True:
            yield from generated(10)

    with pytest.raises(LookupError) as raised:
        send(client, endless(), progress=stop)
    report = raised.value.__dict__["report"]
    assert report.accepted == report.rows == sandbox.state()["events"]


@WAYS
def test_an_interrupt_in_a_callback_ends_the_run_at_once(
    client: Client, send: Callable[..., Report]
) -> None:
    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    def endless() -> Iterator[dict[str, object]]:
        while True:
            yield from generated(10)

    with pytest.raises(KeyboardInterrupt) as raised:
        send(client, endless(), progress=stop)
    report = raised.value.__dict__["report"]
    assert report.rows == report.accepted + report.rejected + report.unknown


def test_what_the_last_call_raises_is_raised_with_the_report(client: Client) -> None:
    def fail(progress: Progress) -> None:
        raise LookupError

    with pytest.raises(LookupError) as raised:
        client.bulk.create_events(events(3), progress=fail)
    assert raised.value.__dict__["report"].accepted == 3


def test_awaited_rows_have_no_length(sandbox: Sandbox) -> None:
    told: list[Progress] = []

    async def rows() -> AsyncIterator[dict[str, object]]:
        for row in events(1200):
            await asyncio.sleep(0)
            yield row

    async def send() -> Report:
        async with sandbox.async_client() as client:
            return await client.bulk.create_events(rows(), progress=told.append)

    report = asyncio.run(send())
    assert (told[-1].rows, told[-1].accepted) == (1200, report.accepted)


def test_a_source_that_knows_its_length_says_it(client: Client, tmp_path: Path) -> None:
    """Told in the middle: the callback stops the run, before its end is known."""
    frame = polars.DataFrame({"metric": ["Viewed"] * 90_000, "external_id": ["1"] * 90_000})
    frame.write_parquet(tmp_path / "one.parquet")
    frame.head(500).write_parquet(tmp_path / "two.parquet")
    frame.write_ndjson(tmp_path / "lines.ndjson")
    sources: list[tuple[Any, int | None]] = [
        (frame.to_dicts(), 90_000),
        (frame, 90_000),
        (tmp_path / "*.parquet", 90_500),
        (tmp_path / "lines.ndjson", None),
        (iter(frame.to_dicts()), None),
    ]
    for rows, total in sources:
        told: list[Progress] = []

        def stop(progress: Progress, told: list[Progress] = told) -> None:
            told.append(progress)
            raise LookupError

        with pytest.raises(LookupError):
            client.bulk.create_events(rows, progress=stop)
        assert told[0].total == total, rows
        assert (told[0].eta is None) == (total is None)


def test_a_run_that_is_resumed_is_watched(client: Client, tmp_path: Path) -> None:
    told: list[Progress] = []
    client.bulk.create_events(events(1500), journal=tmp_path / "run.db")
    client.bulk.resume(tmp_path / "run.db", events(1500), progress=told.append)
    assert (told[-1].accepted, told[-1].sent, told[-1].requests) == (1500, 0, 0)


def test_jobs_are_waited_for_in_sight(client: Client) -> None:
    told: list[Progress] = []
    client.bulk.import_profiles([{"email": "ada@shop.example"}], progress=told.append)
    assert (told[-1].completed, told[-1].jobs_open) == (1, 0)


@pytest.mark.parametrize("nothing", [None, False])
def test_nobody_need_be_told(client: Client, nothing: bool | None) -> None:
    assert client.bulk.create_events(events(3), progress=nothing).accepted == 3


def test_what_is_no_callback_is_told_at_once(client: Client) -> None:
    with pytest.raises(TypeError, match="takes a bool or a function for progress, not int"):
        client.bulk.create_events(events(3), progress=7)  # type: ignore[arg-type]

    async def awaited(progress: Progress) -> None: ...

    with pytest.raises(TypeError, match="calls progress and does not await it"):
        client.bulk.create_events(events(3), progress=awaited)


@WAYS
def test_a_bar_shows_rows_and_what_went_wrong(
    client: Client, capsys: pytest.CaptureFixture[str], send: Callable[..., Report]
) -> None:
    send(client, [*events(2500), {"metric": "Viewed"}], progress=True)
    shown = capsys.readouterr().err
    assert "create_events: 100%" in shown
    assert "2.50k/2.50k" in shown
    assert "rejected 1" in shown
    assert shown.endswith("\n")


@pytest.mark.parametrize(("is_terminal", "shown"), [(True, 301), (False, 3)])
def test_a_bar_in_a_file_is_a_line_every_ten_seconds(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, shown: int
) -> None:
    class Counted:
        n = 0.0
        total: float | None = None
        refreshed = 0

        def refresh(self) -> None:
            self.refreshed += 1

        def set_postfix_str(self, text: str, refresh: bool = True) -> None: ...
        def close(self) -> None: ...

    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    counted = Counted()
    bar = Bar("create_events", lambda **_: counted)
    figures: dict[str, Any] = dict.fromkeys(Progress.__dataclass_fields__, 0)
    for tenth in range(301):
        bar(Progress(**{**figures, "elapsed": tenth / 10, "ended": tenth == 300}))
    assert counted.refreshed == shown


def test_a_bar_without_tqdm_says_what_to_install(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "tqdm"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ModuleNotFoundError, match=r'pip install "klaviyo-py\[progress\]"'):
        client.bulk.create_events(events(3), progress=True)
    assert sandbox.state()["events"] == 0


def test_what_is_waited_for_is_told_where_no_time_is_left() -> None:
    figures: dict[str, Any] = dict.fromkeys(Progress.__dataclass_fields__, 0)
    figures |= {"total": 5, "rows": 5, "sent": 5, "elapsed": 1.0, "eta": 0.2}
    running = Progress(**figures)
    states: list[tuple[dict[str, Any], str]] = [
        ({"eta": 7.0}, "7 s left"),
        ({"jobs_open": 3}, "waits for 3 jobs"),
        ({"jobs_open": 3, "eta": None}, "waits for 3 jobs"),
        ({"batches_open": 2}, "waits for 2 answers"),
    ]
    for state, left in states:
        text = repr(dataclasses.replace(running, **state))
        assert text == f"<Progress 0 of 5 rows after 1.0 s, {left}>"
    ended = dataclasses.replace(running, jobs_open=3, ended=True)
    assert repr(ended) == "<Progress 0 of 5 rows after 1.0 s>"
