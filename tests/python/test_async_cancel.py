"""To cancel a task ends what it awaits, in Rust too, and leaves a report."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from carried import report_of
from children import run
from klaviyo_py import AsyncClient, Report, Sandbox

Row = Mapping[str, object]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One for each test: what was on its way when a run was cancelled may still arrive."""
    with Sandbox(limits=False, job_seconds=0) as sandbox:
        yield sandbox


def events() -> Iterator[Row]:
    return ({"metric": "Viewed", "external_id": str(number)} for number in itertools.count())


async def awaited_events() -> AsyncIterator[Row]:
    for row in events():
        await asyncio.sleep(0)
        yield row


async def cancelled(
    work: Coroutine[Any, Any, object], sandbox: Sandbox, when: Callable[[Any], bool]
) -> Report:
    """The report of work that is cancelled as soon as the sandbox's state is so."""
    task = asyncio.ensure_future(work)
    # It begins with its first turn.
    await asyncio.sleep(0)
    while not when(sandbox.state()):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as raised:
        await task
    assert task.cancelled()
    return report_of(raised.value)


@pytest.mark.parametrize("rows", [events, awaited_events])
def test_while_rows_are_read_and_sent(sandbox: Sandbox, rows: Callable[[], Any]) -> None:
    async def send() -> Report:
        async with sandbox.async_client() as client:
            work = client.bulk.create_events(rows())
            return await cancelled(work, sandbox, lambda state: state["events"] >= 2000)

    report = asyncio.run(send())
    assert report.rows >= 2000
    assert report.rows == sum((report.accepted, report.failed, report.rejected, report.unknown))
    held = sandbox.state()["events"]
    # What was under way may have arrived or not, and is said to be unknown.
    assert report.accepted <= held <= report.accepted + report.unknown


def test_while_a_file_is_read(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    lines = (json.dumps(row) + "\n" for row in itertools.islice(events(), 200_000))
    path.write_text("".join(lines))

    async def send() -> Report:
        async with sandbox.async_client() as client:
            work = client.bulk.create_events(path)
            return await cancelled(work, sandbox, lambda state: state["events"] >= 1000)

    report = asyncio.run(send())
    assert 1000 <= report.accepted + report.unknown <= report.rows < 200_000


def test_while_jobs_are_waited_for() -> None:
    with Sandbox(job_seconds=3600) as sandbox:

        async def send() -> Report:
            work = sandbox.async_client().bulk.import_profiles([{"external_id": "1"}])
            return await cancelled(work, sandbox, lambda state: state["jobs"]["queued"])

        report = asyncio.run(send())
        assert report.rows == report.accepted + report.unknown == 1
        assert len(report.open_jobs) == report.accepted


def test_while_a_row_is_awaited(sandbox: Sandbox) -> None:
    seen = []

    async def rows() -> AsyncIterator[Row]:
        try:
            # The last one is of the second request.
            for row in itertools.islice(events(), 1001):
                yield row
            seen.append("waits")
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        finally:
            await asyncio.sleep(0)
            seen.append("cleaned up")

    def while_it_waits(state: Any) -> bool:
        return bool(seen) and state["events"] == 1000

    async def send() -> Report:
        work = sandbox.async_client().bulk.create_events(rows())
        return await cancelled(work, sandbox, while_it_waits)

    report = asyncio.run(send())
    # The answer to the first request may be on its way still.
    assert (report.accepted + report.unknown, report.rejected) == (1000, 1)
    assert seen == ["waits", "cancelled", "cleaned up"]


def test_the_journal_is_closed(sandbox: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "events.db"

    async def send() -> tuple[Report, Report]:
        async with sandbox.async_client() as client:
            work = client.bulk.create_events(awaited_events(), journal=journal)
            report = await cancelled(work, sandbox, lambda state: state["events"] >= 3000)
            rows = itertools.islice(events(), report.rows)
            return report, await client.bulk.resume(journal, rows)

    report, whole = asyncio.run(send())
    assert whole.run_id == report.run_id
    assert whole.accepted + whole.unknown == report.rows == sandbox.state()["events"]


@pytest.mark.parametrize("verb", ["bulk", "plan"])
def test_a_time_limit(sandbox: Sandbox, verb: str) -> None:
    async def send() -> None:
        bulk = sandbox.async_client().bulk
        work: Any = (bulk if verb == "bulk" else bulk.plan).create_events(events())
        await asyncio.wait_for(work, timeout=0.05)

    with pytest.raises(asyncio.TimeoutError) as raised:
        asyncio.run(send())
    cause = raised.value.__cause__
    assert isinstance(cause, asyncio.CancelledError)
    if verb == "bulk":
        assert report_of(cause).rows >= 0


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio has no timeout() before")
def test_a_timeout_block(sandbox: Sandbox) -> None:
    async def send() -> None:
        if sys.version_info >= (3, 11):
            async with asyncio.timeout(0.05):
                await sandbox.async_client().bulk.create_events(events())

    with pytest.raises(TimeoutError) as raised:
        asyncio.run(send())
    assert raised.value.__cause__ is not None
    assert raised.value.__cause__.__dict__["report"].rows > 0


def test_a_request_is_dropped() -> None:
    """The server sees the connection end, and would otherwise wait for ever."""

    async def ask() -> None:
        asked, gone = asyncio.Event(), asyncio.Event()

        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            asked.set()
            await reader.read()
            gone.set()
            writer.close()

        server = await asyncio.start_server(silent, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        client = AsyncClient("pk_x", base_url=f"http://127.0.0.1:{port}")
        call = asyncio.ensure_future(client.lists.get_lists())
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await asyncio.wait_for(gone.wait(), timeout=60)
        server.close()

    asyncio.run(ask())


def test_work_that_is_dropped_ends(sandbox: Sandbox) -> None:
    """An event loop that goes away closes the coroutines of its tasks."""
    reading = 0

    def rows() -> Iterator[Row]:
        nonlocal reading
        reading += 1
        try:
            yield from events()
        finally:
            reading -= 1

    async def forget() -> None:
        work = sandbox.async_client().bulk.create_events(rows())
        task = asyncio.ensure_future(work)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert reading == 1
        task.cancel()

    asyncio.run(forget())
    assert reading == 0


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio cancels on Ctrl-C since 3.11")
def test_ctrl_c() -> None:
    program = """
import asyncio, itertools, json, os, signal, threading
from klaviyo_py import Sandbox

signal.signal(signal.SIGINT, signal.default_int_handler)
rows = ({"metric": "Viewed", "external_id": str(n)} for n in itertools.count())
with Sandbox(limits=False) as sandbox:
    ended = threading.Event()

    def interrupt():
        while not ended.is_set():
            if sandbox.state()["events"] >= 2000:
                os.kill(os.getpid(), signal.SIGINT)
                return

    async def send():
        try:
            await sandbox.async_client().bulk.create_events(rows)
        except asyncio.CancelledError as error:
            counts = [getattr(error.report, name) for name in
                      ("rows", "accepted", "failed", "rejected", "unknown")]
            print(json.dumps([counts, sandbox.state()["events"]]))
            raise

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        asyncio.run(send())
    except KeyboardInterrupt:
        print("interrupted")
    finally:
        ended.set()
        thread.join()
"""
    told, interrupted = run(program).splitlines()
    (rows, accepted, failed, rejected, unknown), held = json.loads(told)
    assert interrupted == "interrupted"
    assert rows == accepted + failed + rejected + unknown
    assert rows >= 2000
    assert accepted <= held <= accepted + unknown


def test_the_client_goes_on(sandbox: Sandbox) -> None:
    async def send() -> int:
        async with sandbox.async_client() as client:
            for _ in range(3):
                sandbox.reset()
                work = client.bulk.create_events(events())
                await cancelled(work, sandbox, lambda state: state["events"] >= 1000)
            rows = itertools.islice(events(), 10)
            return (await client.bulk.create_events(rows)).accepted

    assert asyncio.run(send()) == 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_is_told_to_make_its_own() -> None:
    program = """
import asyncio, os, warnings
from klaviyo_py import ConfigurationError, Sandbox

warnings.simplefilter("ignore", DeprecationWarning)  # since 3.12: fork beside threads
with Sandbox(limits=False) as sandbox:
    client = sandbox.async_client()

    async def ask(client):
        return len((await client.lists.get_lists()).data)

    asyncio.run(ask(client))
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(ask(client))
        except ConfigurationError as error:
            print(error, flush=True)
        print(asyncio.run(ask(sandbox.async_client())), flush=True)
        sandbox.stop()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), asyncio.run(ask(client)))
"""
    error, in_child, in_parent = run(program).splitlines()
    assert "make a new Client in this process" in error
    assert (in_child, in_parent) == ("0", "0 0")
