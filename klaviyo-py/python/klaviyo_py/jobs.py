"""What became of Klaviyo's jobs that a run did not wait for."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from klaviyo_py.exceptions import KlaviyoError
from klaviyo_py.report import present


class Job(NamedTuple):
    """A job that Klaviyo began for a batch of rows."""

    operation: str
    """`operationId` of the bulk operation that began it."""
    id: str
    """Klaviyo's name for it."""
    rows: tuple[int, ...]
    """The numbers of its rows, in the order in which they were sent."""
    began: datetime
    """When its request was answered, by this machine's clock."""
    expires: datetime | None
    """When Klaviyo forgets it, if it said so."""

    def __repr__(self) -> str:
        return f"<Job {self.id} of {self.operation}: {len(self.rows):,} rows>"


@dataclass(frozen=True)
class JobFailure:
    """What Klaviyo says went wrong with an item of a job."""

    row: int | None
    """The item's row, where the pointer names one."""
    code: str
    """The kind of error."""
    detail: str
    """What is wrong."""
    pointer: str
    """Klaviyo's JSON pointer into the request; often just `/data`."""
    payload_json: str | None = field(repr=False)
    """The item as Klaviyo kept it, as JSON text, if it did."""

    @property
    def payload(self) -> Any:
        """The item as Klaviyo kept it, if it did."""
        return None if self.payload_json is None else json.loads(self.payload_json)


@dataclass(frozen=True, repr=False)
class JobReport:
    """What is known of a job and of its rows.

    Rows are `accepted` until it has ended. The rows themselves are not there any more, so only a
    pointer ties an error to its row: any other puts all rows without one in doubt (`unknown`).
    """

    job: Job
    """The job."""
    status: Literal[
        "queued", "processing", "complete", "cancelled", "expired", "vanished", "unseen"
    ]
    """How it is doing. `expired`: not finished by the time at which Klaviyo forgets it. `vanished`:
    Klaviyo does not know it (any more). `unseen`: it could not be looked at, see `error`."""
    ended: bool
    """Whether nothing more will become of it."""
    completed: int
    """Rows that are in Klaviyo."""
    accepted: int
    """Rows of which nothing more is known yet."""
    failed: int
    """Rows that Klaviyo refused."""
    unknown: int
    """Rows of which nobody can tell."""
    errors: tuple[JobFailure, ...]
    """What went wrong in it."""
    error: KlaviyoError | None = None
    """Why it is `unseen`."""

    def __repr__(self) -> str:
        counts = [f"{rows:,} {outcome}" for outcome, rows in self._counts().items()]
        return f"<JobReport of {self._title()} ({', '.join(counts) or 'no rows'})>" + "".join(
            f"\n  {errors:,} x {code}" for code, errors in self._codes().items()
        )

    def _repr_html_(self) -> str:
        from klaviyo_py._html import page, table

        facts = [] if self.error is None else [str(self.error)]
        return page(
            self._title(), table("outcome", self._counts()), table("error", self._codes()), facts
        )

    def _title(self) -> str:
        return f"{self.job.operation}, job {self.job.id}: {self.status}"

    def _counts(self) -> dict[str, int]:
        """The outcomes that there are."""
        return present(self, ("completed", "accepted", "failed", "unknown"))

    def _codes(self) -> dict[str, int]:
        """How often which error was, the most frequent first."""
        return dict(Counter(error.code for error in self.errors).most_common(5))
