"""What a run would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from klaviyo_py._klaviyo import Failures


@dataclass(frozen=True, repr=False)
class Plan:
    """What a run over the same rows would send."""

    operation: str
    """`operationId` of the bulk operation."""
    rows: int
    """Rows read from the source."""
    rejected: int
    """How many of them would be rejected by the local checks; Klaviyo may refuse more."""
    batches: int
    """Requests that the others need, without those that follow jobs or look addresses up. Every
    address counts as if it had a profile."""
    bytes: int
    """Bytes of their bodies."""
    least_time: float
    """Seconds that the limits impose on so many requests, at least, if one cannot know how
    Klaviyo's windows are aligned."""
    warnings: tuple[str, ...]
    """What concerns no single row, for example that rows share identifiers."""
    _failures: Failures = field(repr=False, compare=False)

    def failures(self) -> Failures:
        """Every row that would be rejected, with the reason."""
        return self._failures

    def __repr__(self) -> str:
        return (
            f"<Plan {self.operation}: {self.rows:,} rows ({self.rejected:,} rejected); "
            f"{self.batches:,} batches, {self.bytes:,} bytes, at least {self.least_time:.0f} s>"
            + "".join(f"\n  {warning}" for warning in self.warnings)
        )
