"""Runs that are awaited: where their rows come from, and what their event loop does meanwhile."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import polars
import pytest

from klaviyo_py import AsyncClient, AuthenticationError, Client, Report, Sandbox

Row = Mapping[str, object]


def events(count: int) -> Iterator[Row]:
    return ({"metric": "Viewed", "external_id": str(number)} for number in range(count))


async def awaited(rows: Iterator[Row], every: int = 1) -> AsyncIterator[Row]:
    """The same rows, one in so many after a turn of the event loop."""
    for number, row in enumerate(rows):
        if number % every == 0:
            await asyncio.sleep(0)
        yield row


class Numbered:
    """An async iterable that is no generator."""

    def __init__(self, count: int) -> None:
        self.rows = events(count)

    def __aiter__(self) -> Numbered:
        return self

    async def __anext__(self) -> Row:
        for row in self.rows:
            return row
        raise StopAsyncIteration


def test_rows_of_any_source(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in events(2500)))
    frame = polars.DataFrame(list(events(2500)))

    async def send() -> None:
        async with sandbox.async_client() as client:
            for rows in (list(events(2500)), events(2500), path, frame):
                assert (await client.bulk.create_events(rows)).accepted == 2500
            for awaitable in (
                awaited(events(2500)),
                awaited(events(2500), every=1000),
                Numbered(2500),
            ):
                assert (await client.bulk.create_events(awaitable)).accepted == 2500

    asyncio.run(send())
    assert sandbox.state()["events"] == 7 * 2500


def test_columns_of_awaited_rows(sandbox: Sandbox) -> None:
    async def rows() -> AsyncIterator[Row]:
        yield {"E-Mail": "ada@shop.example"}

    async def send() -> Report:
        async with sandbox.async_client() as client:
            return await client.bulk.import_profiles(rows(), columns={"E-Mail": "email"})

    assert asyncio.run(send()).completed == 1


def test_the_event_loop_has_its_turn_while_rows_are_read(sandbox: Sandbox) -> None:
    since_turn, longest = 0, 0

    def rows() -> Iterator[Row]:
        nonlocal since_turn, longest
        for row in events(20_000):
            since_turn += 1
            longest = max(longest, since_turn)
            yield row

    async def take_turns() -> None:
        nonlocal since_turn
        while True:
            since_turn = 0
            await asyncio.sleep(0)

    async def send() -> None:
        other = asyncio.create_task(take_turns())
        async with sandbox.async_client() as client:
            assert (await client.bulk.create_events(rows())).accepted == 20_000
            await client.bulk.plan.create_events(rows())
            await client.bulk.create_events(awaited(rows(), every=50_000))
        other.cancel()

    asyncio.run(send())
    # Many turns in 20,000 rows.
    assert 0 < longest <= 5000


def test_an_async_generator_runs_in_the_task_that_awaits(sandbox: Sandbox) -> None:
    tasks = set()

    async def rows() -> AsyncIterator[Row]:
        for row in events(10):
            tasks.add(asyncio.current_task())
            # As asyncio.timeout() in a generator does: it belongs to a task.
            await asyncio.wait_for(asyncio.sleep(0), timeout=60)
            tasks.add(asyncio.current_task())
            yield row

    async def send() -> None:
        await sandbox.async_client().bulk.create_events(rows())
        assert tasks == {asyncio.current_task()}

    asyncio.run(send())


@pytest.mark.parametrize("turns", [True, False])
def test_what_an_async_generator_raises_comes_behind_the_rows_before_it(
    sandbox: Sandbox, turns: bool
) -> None:
    async def rows() -> AsyncIterator[Row]:
        async for row in awaited(events(1500), every=1 if turns else 5000):
            yield row
        raise OSError("the database is gone")

    with pytest.raises(OSError, match="database is gone") as raised:
        asyncio.run(send_events(sandbox.async_client(), rows()))
    assert raised.value.__dict__["report"].accepted == 1500
    assert sandbox.state()["events"] == 1500


async def send_events(client: AsyncClient, rows: AsyncIterator[Row]) -> Report:
    return await client.bulk.create_events(rows)


def test_what_stops_the_run_carries_the_report(sandbox: Sandbox) -> None:
    client = AsyncClient("pk_wrong", base_url=sandbox.url)
    with pytest.raises(AuthenticationError) as raised:
        asyncio.run(send_events(client, awaited(events(10))))
    assert raised.value.report is not None
    assert raised.value.report.failed == 10


def test_a_row_that_is_none_is_rejected(sandbox: Sandbox) -> None:
    async def rows() -> AsyncIterator[Row]:
        yield {"metric": "Viewed"}
        yield from_another_world  # type: ignore[misc]

    from_another_world = 7
    report = asyncio.run(send_events(sandbox.async_client(), rows()))
    assert report.reasons == {"missing_identifier": 1, "not_an_object": 1}


def test_a_run_is_resumed(sandbox: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "events.db"

    async def broken_off() -> AsyncIterator[Row]:
        async for row in awaited(events(2500)):
            yield row
        raise OSError("the database is gone")

    async def send() -> Report:
        async with sandbox.async_client() as client:
            with pytest.raises(OSError, match="gone") as raised:
                await client.bulk.create_events(broken_off(), journal=journal)
            assert raised.value.__dict__["report"].reasons == {"not_sent": 500}
            return await client.bulk.resume(journal, awaited(events(2700)))

    report = asyncio.run(send())
    assert (report.accepted, report.requests) == (2700, 1)
    assert sandbox.state()["events"] == 2700


def test_a_plan(sandbox: Sandbox) -> None:
    async def plan() -> None:
        async with sandbox.async_client() as client:
            plan = await client.bulk.plan.create_events(awaited(events(2500)))
            assert (plan.rows, plan.batches, plan.rejected) == (2500, 3, 0)
            with pytest.raises(ZeroDivisionError):
                await client.bulk.plan.create_events({"metric": 1 / 0} for _ in range(1))

    asyncio.run(plan())
    assert sandbox.state()["requests"] == {}


def test_members_of_a_list(sandbox: Sandbox) -> None:
    async def suppress() -> str | None:
        return await sandbox.async_client().bulk.suppress_members(list_id=list_id)

    list_id = sandbox.create_list("Old addresses")
    assert asyncio.run(suppress())


def test_two_runs_at_once(sandbox: Sandbox) -> None:
    async def send() -> tuple[Report, Report]:
        async with sandbox.async_client() as client:
            return await asyncio.gather(
                client.bulk.create_events(awaited(events(3000))),
                client.bulk.create_events(events(3000)),
            )

    one, other = asyncio.run(send())
    assert (one.accepted, other.accepted) == (3000, 3000)


def test_a_client_that_blocks_cannot_await_rows(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    rows = awaited(events(1))
    for verb in (client.bulk, client.bulk.stream, client.bulk.plan):
        with pytest.raises(TypeError, match="use an AsyncClient"):
            verb.create_events(rows, journal=tmp_path / "new.db")  # type: ignore[arg-type]
    assert sandbox.state()["requests"] == {}
    assert not (tmp_path / "new.db").exists()


def test_rows_may_come_from_calls_that_block(client: Client, sandbox: Sandbox) -> None:
    client.bulk.import_profiles([{"external_id": str(number)} for number in range(5)])

    def rows() -> Iterator[Row]:
        for profile in client.profiles.get_profiles(page_size=2):
            yield {"metric": "Viewed", "profile_id": profile["id"]}

    async def send() -> Report:
        return await sandbox.async_client().bulk.create_events(rows())

    assert client.bulk.create_events(rows()).accepted == 5
    assert asyncio.run(send()).accepted == 5


def test_rows_may_come_from_calls_that_are_awaited(client: Client, sandbox: Sandbox) -> None:
    client.bulk.import_profiles([{"external_id": str(number)} for number in range(5)])

    async def send() -> Report:
        async with sandbox.async_client() as client:
            page = await client.profiles.get_profiles(page_size=2)
            rows = ({"metric": "Viewed", "profile_id": it["id"]} async for it in page)
            return await client.bulk.create_events(rows)

    assert asyncio.run(send()).accepted == 5


@pytest.mark.parametrize("kind", ["async", "sync"])
def test_rows_that_are_all_at_hand_leave_other_tasks_their_turns(
    sandbox: Sandbox, kind: str
) -> None:
    taken = []

    def slow(count: int) -> Iterator[Row]:
        for row in events(count):
            end = time.perf_counter() + 0.002
            while time.perf_counter() < end:
                pass
            yield row

    async def at_hand(rows: Iterator[Row]) -> AsyncIterator[Row]:
        for row in rows:
            yield row

    async def other(done: asyncio.Event) -> None:
        while not done.is_set():
            taken.append(1)
            await asyncio.sleep(0)

    async def send() -> None:
        done = asyncio.Event()
        async with sandbox.async_client() as client:
            turns = asyncio.ensure_future(other(done))
            rows = at_hand(slow(200)) if kind == "async" else slow(200)
            assert (await client.bulk.create_events(rows)).accepted == 200
            done.set()
            await turns

    asyncio.run(send())
    # 0.4 s of rows: by their number, they were one slice.
    assert len(taken) > 20
