"""What became of the rows of a run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from klaviyo_py.exceptions import FailedRowsError

if TYPE_CHECKING:
    from klaviyo_py._klaviyo import Failures, Jobs

OUTCOMES = ("completed", "accepted", "failed", "rejected", "unknown")

_NAMED = 5
"""So many reasons are named in a summary when at least two others are left."""


@dataclass(frozen=True)
class Failure:
    """A row that did not get through, or may not have."""

    row: int
    """The row's number in the source, from 0."""
    outcome: Literal["rejected", "failed", "unknown"]
    """`rejected`: never sent. `failed`: Klaviyo refused it. `unknown`: nobody can tell."""
    code: str
    """The kind of reason: one of ours (`missing_identifier`) or Klaviyo's own (`invalid`)."""
    detail: str
    """What is wrong, and of our own reasons also what to do about it."""
    pointer: str
    """The field as the row names it (`rejected`), or Klaviyo's JSON pointer; empty when neither
    names one."""
    item_json: str | None = field(repr=False)
    """The row as JSON text: as given when it was rejected, else as sent; None when it was lost, or
    has no such form. Of a line of a file that is no row, an object that says why, under
    `$unsendable`, with its text under `$unsendable_line`."""

    @property
    def item(self) -> Any:
        """The row: as given when it was rejected, else as sent (an event with its profile)."""
        import json

        return None if self.item_json is None else json.loads(self.item_json)


def present(counted: object, outcomes: Iterable[str]) -> dict[str, int]:
    """How many rows had each of the outcomes, without those that none had."""
    counts = {outcome: int(getattr(counted, outcome)) for outcome in outcomes}
    return {outcome: rows for outcome, rows in counts.items() if rows}


class RowOutcome(NamedTuple):
    """The end of one row."""

    row: int
    """The row's number in the source, from 0."""
    outcome: Literal["completed", "accepted", "failed", "rejected", "unknown"]
    """How it ended."""
    failure: Failure | None
    """Why it did not get through, or may not have; None for `completed` and `accepted`."""


@dataclass(frozen=True, repr=False)
class Report:
    """What became of the rows of a run. Each row is counted under exactly one of five outcomes."""

    operation: str
    """`operationId` of the bulk operation."""
    run_id: str
    """Names the run; events without a `unique_id` of their own carry it."""
    rows: int
    """Rows read from the source."""
    completed: int
    """Rows that are in Klaviyo: their job is complete and names no error for them."""
    accepted: int
    """Rows that Klaviyo took and validated; of what comes after, it says nothing."""
    failed: int
    """Rows that Klaviyo refused."""
    rejected: int
    """Rows that were never sent: a local check failed, or the run stopped before their turn."""
    unknown: int
    """Rows whose answer was lost, or of which what Klaviyo said cannot be told."""
    requests: int
    """Requests sent, those for jobs included, every attempt counted."""
    throttled: int
    """Requests that a rate limit refused (429)."""
    retries: int
    """Attempts beyond the first of each request."""
    batches: int
    """Requests of the bulk operation itself that were answered with success."""
    jobs: int
    """Jobs that Klaviyo began for them."""
    open_jobs: Jobs
    """Those of them whose end is not known: nobody waited for it, or not until it came."""
    bytes_sent: int
    """Bytes of bodies sent, every attempt counted."""
    elapsed: float
    """Seconds from the start of the run to its end."""
    least_time: float
    """Seconds that the limits impose on that many batches, at least, if one cannot know how
    Klaviyo's windows are aligned."""
    waited: float
    """Seconds spent waiting for the limits and between attempts, summed over requests side by
    side."""
    reasons: dict[str, int]
    """How many rows did not get through for each code, for example `invalid_email`."""
    warnings: tuple[str, ...]
    """What concerns no single row, for example that jobs could not be followed to their end."""
    _failures: Failures = field(repr=False, compare=False)

    def failures(self) -> Failures:
        """Every row that was rejected, failed or is unknown, with the reason."""
        return self._failures

    def save_dead_letters(self, path: str | PathLike[str]) -> int:
        """Write `failures()` to a file, one JSON object a line; gives their number.

        `klaviyo_py.dead_letters` reads its rows back. A line has the fields of a Failure, with the
        row under `item` as JSON. The file replaces what was there only when it is whole, and only
        its owner may read it.
        """
        return self._failures.save_dead_letters(path)

    def raise_for_failures(self) -> None:
        """Raise FailedRowsError unless every row is `completed` or `accepted`.

        >>> report = client.bulk.import_profiles([{"email": "nobody"}])
        >>> report.raise_for_failures()
        Traceback (most recent call last):
        klaviyo_py.exceptions.FailedRowsError: bulk_import_profiles: 1 of 1 rows ... invalid_email
        """
        lost = self.failed + self.rejected + self.unknown
        if lost:
            reasons = ", ".join(
                f"{rows:,} x {code}" for code, rows in self._most_frequent_reasons().items()
            )
            message = f"{lost:,} of {self.rows:,} rows did not get through: {reasons}"
            error = FailedRowsError(f"{self.operation}: {message}")
            error.report = self
            raise error

    def _repr_html_(self) -> str:
        from klaviyo_py._html import page, table

        title = f"{self.operation}: {self.rows:,} rows in {self.elapsed:.1f} s"
        facts = f"{self.requests:,} requests, {self.throttled:,} throttled, {self.jobs:,} jobs"
        return page(
            title,
            table("outcome", self._counts()),
            table("reason", self._most_frequent_reasons()),
            [facts, *self.warnings],
        )

    def __repr__(self) -> str:
        counts = [f"{rows:,} {outcome}" for outcome, rows in self._counts().items()]
        return (
            f"<Report {self.operation}: {self.rows:,} rows ({', '.join(counts) or 'none'}); "
            f"{self.requests:,} requests, {self.throttled:,} throttled, {self.elapsed:.1f} s>"
            + "".join(
                f"\n  {rows:,} x {code}" for code, rows in self._most_frequent_reasons().items()
            )
            + "".join(f"\n  {warning}" for warning in self.warnings)
        )

    def _counts(self) -> dict[str, int]:
        """The outcomes that there are."""
        return present(self, OUTCOMES)

    def _most_frequent_reasons(self) -> dict[str, int]:
        """So many of them, and how many rows have another; that one, if there is only one."""
        reasons = sorted(self.reasons.items(), key=lambda reason: -reason[1])
        others = reasons[_NAMED:]
        if len(others) < 2:
            return dict(reasons)
        rest = {f"one of {len(others)} other reasons": sum(rows for _, rows in others)}
        return dict(reasons[:_NAMED]) | rest
