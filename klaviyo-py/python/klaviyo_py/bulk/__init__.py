"""The bulk operations: many rows a request, and a report of what became of each."""

from __future__ import annotations

from klaviyo_py._face import Awaited
from klaviyo_py.bulk._verbs import AsyncRows, Rows
from klaviyo_py.bulk._views import AsyncBulkPlans, AsyncBulkStreams, BulkPlans, BulkStreams, Runs
from klaviyo_py.report import Report

__all__ = ["AsyncBulk", "AsyncBulkPlans", "AsyncBulkStreams", "Bulk", "BulkPlans", "BulkStreams"]


class Bulk(Runs[Rows, Report, str | None]):
    """The bulk operations of a client.

    Each takes rows and gives a Report. Rows are dicts, from any iterable; or a frame, table or
    stream of polars, duckdb, arro3, pyarrow or pandas; or files: a path, several, or a pattern
    (`"data/*.csv"`) of .parquet, .ndjson or .jsonl, and .csv, the last three also as .gz or .zst.
    They are read as sending goes on, on the calling thread, so a generator, a database cursor or a
    file of any length will do. A row is flat or nested: `location.city` reaches into an object,
    `properties.anything` is a custom property. A row may also be the `item` of a failure, in the
    API's own form.

    `columns` gives other names to columns: `{"E-Mail": "email"}`. CSV has no types: a field of
    Klaviyo's is read as its type, an empty cell is None, and a property is a str unless `types`
    says what it is: `{"properties.ltv": "number"}`; `separator=";"` reads what is not separated by
    commas. A line of a file that is no row ends `rejected`
    and says which line it is.

    A row that cannot be sent ends `rejected`, with its number, the field and the reason, and the
    others go through. `extra` says what becomes of a name that Klaviyo does not know: "reject"
    rejects the row and suggests the nearest name, "properties" makes it a custom property. `nulls`
    says what becomes of None in a field or property: "omit" leaves it out, "clear" sends it, which
    only the operations that update catalogs take, "reject" rejects the row. `duplicates="reject"`
    rejects a row that shares an identifier with an earlier one of its request; else the report
    warns of such rows. `run_id` names the run; it is drawn when it is not given. `wait=False` does
    not wait for Klaviyo's jobs, and `job_deadline` only so many seconds for each: the report then
    has them as `open_jobs`.

    Values may be str, int, float, bool, None, dict, list and tuple; also datetime and date (ISO
    8601; a datetime without a zone is taken as UTC), Decimal (as an exact number, else the row is
    rejected), UUID, Enum (its value), any Mapping or Sequence but bytes; numpy's scalars and
    arrays, pandas' Timestamp, and its NaT and NA, which are None.

    An argument that a method does not take is a TypeError before any row is read.

    With `journal` the run writes down in a new file what it does, so that it can be resumed after
    its process was killed, it was interrupted or stopped, or the iterable raised; see `resume`.

    `progress=True` shows a bar in a terminal or a notebook; `progress=callback` has the callback
    called with a Progress, on the thread that waits, ten times a second at most and once at the
    end. What it raises ends the run as what the iterable raises does.

    Exceptions that stop a run have a `report` attribute: what became of the rows read until then.
    So does the KeyboardInterrupt of a Ctrl-C, which ends a run at once, and an exception that comes
    from the iterable or the file, which is raised after the rows before it were sent (with
    `journal`, those of full requests; the rest is left to `resume`).

    A generator of which not all rows were wanted is closed before that, on the thread that read it:
    what stands in its `finally` and `with` is done, and what that raises hides no other exception.
    """

    __slots__ = ()

    @property
    def stream(self) -> BulkStreams:
        """The same methods, giving the end of each row as it becomes known: an OutcomeStream.

        >>> rows = [{"email": "ada@shop.example"}, {"email": "nobody"}]
        >>> for row, outcome, failure in client.bulk.stream.import_profiles(rows):
        ...     print(row, outcome, failure and failure.code)
        1 rejected invalid_email
        0 completed None
        """
        return BulkStreams(self._client)

    @property
    def plan(self) -> BulkPlans:
        """The same methods as dry runs: all rows are checked, nothing is sent, and a Plan says what
        would be.

        >>> client.bulk.plan.import_profiles([{"email": "ada@shop.example"}, {"email": "nobody"}])
        <Plan bulk_import_profiles: 2 rows (1 rejected); 1 batches, ... bytes, at least 0 s>
        """
        return BulkPlans(self._client)


class AsyncBulk(Runs[AsyncRows, Awaited[Report], Awaited[str | None]]):
    """The bulk operations of an AsyncClient: those of Bulk, awaited.

    Rows may be all that they may be there, and also come from an async iterable, an async generator
    say, which is awaited row by row in the calling task. Other iterables are read on the event
    loop's thread, some milliseconds at a time; files and Arrow are read on other threads.

    One that is not read to its end has its `aclose()` awaited, if it has one, before the call ends.

    To cancel the task ends the run at once. The CancelledError has the `report`: what became of the
    rows read until then. Of an `asyncio.timeout` it is the cause of the TimeoutError.

    >>> async def rows():
    ...     for number in range(3):
    ...         await asyncio.sleep(0)
    ...         yield {"metric": "Viewed", "external_id": str(number)}
    >>> async def send():
    ...     async with sandbox.async_client() as client:
    ...         return await client.bulk.create_events(rows())
    >>> asyncio.run(send()).accepted
    3
    """

    __slots__ = ()

    @property
    def stream(self) -> AsyncBulkStreams:
        """The same methods, giving the end of each row as it becomes known: an AsyncOutcomeStream,
        for `async for` and `async with`."""
        return AsyncBulkStreams(self._client)

    @property
    def plan(self) -> AsyncBulkPlans:
        """The same methods as dry runs: all rows are checked, nothing is sent, and a Plan says what
        would be."""
        return AsyncBulkPlans(self._client)
