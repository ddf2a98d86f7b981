"""What became of the rows of a run."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from klaviyo_py._klaviyo import Failures


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
    """The row as JSON text: as given when it was rejected, else as sent; None when it has no such
    form."""

    @property
    def item(self) -> Any:
        """The row: as given when it was rejected, else as sent (an event with its profile)."""
        return None if self.item_json is None else json.loads(self.item_json)


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

    def __repr__(self) -> str:
        outcomes = ("completed", "accepted", "failed", "rejected", "unknown")
        counts = [f"{getattr(self, name):,} {name}" for name in outcomes if getattr(self, name)]
        return (
            f"<Report {self.operation}: {self.rows:,} rows ({', '.join(counts) or 'none'}); "
            f"{self.requests:,} requests, {self.throttled:,} throttled, {self.elapsed:.1f} s>"
            + "".join(f"\n  {rows:,} x {code}" for code, rows in self._most_frequent_reasons())
            + "".join(f"\n  {warning}" for warning in self.warnings)
        )

    def _most_frequent_reasons(self) -> list[tuple[str, int]]:
        return sorted(self.reasons.items(), key=lambda reason: -reason[1])[:5]
