"""A run that ends before its rows do closes the generator that they come from, as a block of
`contextlib.closing` would."""

from __future__ import annotations

import asyncio
import itertools
import signal
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import pytest

from carried import report_of
from klaviyo_py import (
    AsyncClient,
    AsyncOutcomeStream,
    AuthenticationError,
    Client,
    Progress,
    Sandbox,
)

Row = Mapping[str, object]


class Source:
    """Rows without end, as a database gives them, and what became of its cursor."""

    def __init__(self, error: Exception | None = None) -> None:
        self.closed_by: int | None = None
        self.is_open = False
        self.error = error

    def _close(self) -> None:
        self.is_open = False
        self.closed_by = threading.get_ident()
        if self.error:
            raise self.error

    def rows(self) -> Iterator[Row]:
        self.is_open = True
        try:
            for number in itertools.count():
                yield {"metric": "Viewed", "external_id": str(number)}
        finally:
            self._close()

    async def awaited(self) -> AsyncIterator[Row]:
        self.is_open = True
        try:
            for number in itertools.count():
                await asyncio.sleep(0)
                yield {"metric": "Viewed", "external_id": str(number)}
        finally:
            # The end of a transaction is awaited, too.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            self._close()


class BrokenError(Exception):
    """What a callback raises."""


def broken(progress: Progress) -> None:
    raise BrokenError


def wrong(sandbox: Sandbox) -> AsyncClient:
    return AsyncClient("pk_wrong", base_url=sandbox.url)


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_when_an_error_stops_an_awaited_run(sandbox: Sandbox, kind: str) -> None:
    async def send() -> None:
        source = Source()
        with pytest.raises(AuthenticationError):
            await wrong(sandbox).bulk.create_events(getattr(source, kind)())
        assert source.closed_by == threading.get_ident()

    asyncio.run(send())


@pytest.mark.parametrize("kind", ["rows", "awaited"])
@pytest.mark.parametrize("verb", ["bulk", "plan"])
def test_when_it_is_cancelled_between_two_rows(sandbox: Sandbox, kind: str, verb: str) -> None:
    async def send() -> None:
        source = Source()
        bulk: Any = sandbox.async_client().bulk
        verbs = bulk if verb == "bulk" else bulk.plan
        task = asyncio.ensure_future(verbs.create_events(getattr(source, kind)()))
        while not source.is_open:
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not source.is_open

    asyncio.run(send())


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_when_a_callback_raises(sandbox: Sandbox, kind: str) -> None:
    async def send() -> None:
        source = Source()
        rows = getattr(source, kind)()
        with pytest.raises(BrokenError):
            await sandbox.async_client().bulk.create_events(rows, progress=broken)
        assert not source.is_open

    asyncio.run(send())


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_when_an_awaited_stream_is_left(sandbox: Sandbox, kind: str) -> None:
    async def send() -> None:
        source = Source()
        rows = getattr(source, kind)()
        async with sandbox.async_client().bulk.stream.create_events(rows) as outcomes:
            await anext(outcomes)
            assert source.is_open
        assert source.closed_by == threading.get_ident()

    asyncio.run(send())


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_when_an_error_stops_an_awaited_stream(sandbox: Sandbox, kind: str) -> None:
    async def send() -> None:
        source = Source()
        with pytest.raises(AuthenticationError):
            async for _ in wrong(sandbox).bulk.stream.create_events(getattr(source, kind)()):
                pass
        assert source.closed_by == threading.get_ident()

    asyncio.run(send())


def test_when_an_error_stops_a_run(sandbox: Sandbox) -> None:
    source = Source()
    with pytest.raises(AuthenticationError):
        # Its traceback holds the frames that hold the rows.
        Client("pk_wrong", base_url=sandbox.url).bulk.create_events(source.rows())
    assert source.closed_by == threading.get_ident()


def test_when_a_run_is_interrupted(client: Client) -> None:
    source = Source()

    def interrupt(progress: Progress) -> None:
        signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            client.bulk.create_events(source.rows(), progress=interrupt)
    finally:
        signal.signal(signal.SIGINT, before)
    assert source.closed_by == threading.get_ident()


def test_when_a_stream_is_left(client: Client) -> None:
    source = Source()
    with client.bulk.stream.create_events(source.rows()) as outcomes:
        next(outcomes)
        assert source.is_open
    assert source.closed_by == threading.get_ident()


def test_what_the_rows_are_made_of_is_closed_on_the_same_thread(sandbox: Sandbox) -> None:
    """Iterators that cannot be closed let go of those that they hold."""

    async def send() -> None:
        source = Source()
        rows = map(dict, source.rows())
        async with sandbox.async_client().bulk.stream.create_events(rows) as outcomes:
            del rows
            await anext(outcomes)
        assert source.closed_by == threading.get_ident()

    asyncio.run(send())


def test_an_iterator_that_is_no_generator_is_left_open(client: Client) -> None:
    class Cursor:
        is_open = True

        def __iter__(self) -> Iterator[Row]:
            return self

        def __next__(self) -> Row:
            return {"metric": "Viewed", "external_id": "1"}

        def close(self) -> None:
            self.is_open = False

    cursor = Cursor()
    with client.bulk.stream.create_events(cursor) as outcomes:
        next(outcomes)
    assert cursor.is_open


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_what_closing_raises_hides_no_error(sandbox: Sandbox, kind: str) -> None:
    async def send() -> None:
        source = Source(OSError("the cursor cannot be closed"))
        with pytest.raises(AuthenticationError) as raised:
            await wrong(sandbox).bulk.create_events(getattr(source, kind)())
        assert raised.value.__context__ is source.error
        assert raised.value.report is not None

    asyncio.run(send())


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_nor_what_a_callback_raised(sandbox: Sandbox, kind: str) -> None:
    async def send() -> None:
        source = Source(OSError("the cursor cannot be closed"))
        rows = getattr(source, kind)()
        with pytest.raises(BrokenError) as raised:
            await sandbox.async_client().bulk.create_events(rows, progress=broken)
        assert raised.value.__context__ is source.error
        assert report_of(raised.value) is not None

    asyncio.run(send())


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_it_is_raised_where_there_is_nothing_to_hide(sandbox: Sandbox, kind: str) -> None:
    async def send() -> None:
        source = Source(OSError("the cursor cannot be closed"))
        outcomes = sandbox.async_client().bulk.stream.create_events(getattr(source, kind)())
        await anext(outcomes)
        with pytest.raises(OSError, match="cannot be closed") as raised:
            await outcomes.aclose()
        assert outcomes.report is not None
        assert report_of(raised.value) is outcomes.report

    asyncio.run(send())


@pytest.mark.parametrize("times", [1, 2])
def test_to_cancel_while_it_is_closed_ends_the_run(sandbox: Sandbox, times: int) -> None:
    closing, seen = asyncio.Event(), []

    async def rows() -> AsyncIterator[Row]:
        try:
            for number in itertools.count():
                await asyncio.sleep(0)
                yield {"metric": "Viewed", "external_id": str(number)}
        finally:
            closing.set()
            for _ in range(times):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    seen.append("cancelled")
            if times == 1:
                raise asyncio.CancelledError

    async def send() -> None:
        task = asyncio.ensure_future(wrong(sandbox).bulk.create_events(rows()))
        await closing.wait()
        for number in range(times):
            task.cancel()
            while len(seen) <= number:
                await asyncio.sleep(0)
        error = asyncio.CancelledError if times == 1 else AuthenticationError
        with pytest.raises(error) as raised:
            await asyncio.wait_for(task, timeout=60)
        assert report_of(raised.value).rows > 0

    asyncio.run(send())
    assert seen == ["cancelled"] * times


@pytest.mark.parametrize("kind", ["rows", "awaited"])
def test_to_cancel_while_a_stream_is_left_is_not_lost(sandbox: Sandbox, kind: str) -> None:
    """The exception of the body does not stand in for it: a timeout would wait for ever."""

    async def leave(outcomes: AsyncOutcomeStream) -> None:
        async with outcomes:
            await anext(outcomes)
            task = asyncio.current_task()
            assert task is not None
            # It comes when the task next waits, which is for the closing.
            task.cancel()
            raise BrokenError

    async def send() -> None:
        rows = getattr(Source(), kind)()
        task = asyncio.ensure_future(leave(sandbox.async_client().bulk.stream.create_events(rows)))
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(send())
