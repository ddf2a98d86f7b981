"""How far a run has come, and a bar that shows it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True, repr=False)
class Progress:
    """How far a run has come."""

    rows: int
    """Rows read from the source."""
    total: int | None
    """How many there are in all: the length of a list, the rows of a frame or of Parquet files, and
    for certain once all are read. None when nobody knows."""
    sent: int
    """Rows that stood in a request, each counted once however often it was sent."""
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
    bytes_sent: int
    """Bytes of bodies sent, every attempt counted."""
    waited: float
    """Seconds spent waiting for the limits and between attempts, summed over requests side by
    side."""
    batches_open: int
    """Requests that wait for a limit or for their answer."""
    jobs_open: int
    """Jobs that Klaviyo began and whose end is waited for."""
    elapsed: float
    """Seconds from the start of the run until now, or until its end."""
    eta: float | None
    """Seconds until all rows have their end: what the rate limits allow for the rows that are left,
    and what was lost on top of that so far. Of a daily limit (Klaviyo sets none for bulk
    operations, your own may be one) the days that this run's requests need are part of it. None
    when `total` is not known, when a daily limit that is not waited for will end the run, or when
    answers or jobs take longer than those before them."""
    ended: bool
    """Whether the run has ended: the last time that a callback is called."""

    @property
    def done(self) -> int:
        """Rows that have their end, whichever."""
        return self.completed + self.accepted + self.failed + self.rejected + self.unknown

    @property
    def rate(self) -> float:
        """Rows a second that came to their end, since the start."""
        return self.done / self.elapsed if self.elapsed else 0.0

    def __repr__(self) -> str:
        total = "" if self.total is None else f" of {self.total}"
        left = "" if self.ended else _left(self, lambda seconds: f"{seconds:.0f} s")
        rest = f", {left}" if left else ""
        return f"<Progress {self.done}{total} rows after {self.elapsed:.1f} s{rest}>"


ProgressOption: TypeAlias = bool | Callable[[Progress], object] | None
"""True shows a bar; a callable is called with a Progress."""


_FORMAT = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}, {rate_fmt}{postfix}]"
"""tqdm's own, without the time that is left: it does not know the limits."""


_PAUSE = 10.0
"""Seconds between two lines where each bar is one, in a file or cron's mail."""


class _Tqdm(Protocol):
    """What a bar needs of tqdm."""

    n: float
    total: float | None

    def refresh(self) -> object: ...
    def set_postfix_str(self, text: str, refresh: bool = True) -> object: ...
    def close(self) -> object: ...


class Bar:
    """A bar of tqdm's, in a terminal or a notebook; made when it is first called.

    Elsewhere it is a line at the beginning, at the end, and every ten seconds.
    """

    def __init__(self, verb: str, make: Callable[..., _Tqdm]) -> None:
        self._verb = verb
        self._make = make
        self._bar: _Tqdm | None = None
        self._pause = 0.0
        self._shown = 0.0

    @classmethod
    def of(cls, verb: str) -> Self:
        """Make a bar for a bulk verb.

        Raises ModuleNotFoundError, which names the extra, where tqdm is missing.
        """
        try:
            make = import_module("tqdm.auto").tqdm
        except ModuleNotFoundError as error:
            message = (
                'progress=True needs tqdm: pip install "klaviyo-py[progress]", or give a function'
            )
            raise ModuleNotFoundError(message, name=error.name) from error
        return cls(verb, make)

    def __call__(self, progress: Progress) -> None:
        """Show how far the run has come."""
        bar = self._bar
        if bar is None:
            bar = self._bar = self._make(
                desc=self._verb, unit=" rows", unit_scale=True, bar_format=_FORMAT
            )
            self._pause = 0.0 if _is_drawn_over(bar) else _PAUSE
        if not progress.ended and progress.elapsed - self._shown < self._pause:
            return
        self._shown = progress.elapsed
        bar.total = progress.total
        bar.n = progress.done
        bar.set_postfix_str(_beside(progress), refresh=False)
        bar.refresh()
        if progress.ended:
            bar.close()


def _is_drawn_over(bar: _Tqdm) -> bool:
    """Whether a bar takes the place of the one before: in a terminal, or as a notebook's widget."""
    return hasattr(bar, "container") or sys.stderr.isatty()


def _beside(progress: Progress) -> str:
    """What stands beside the bar: what did not go well, and how long it will take."""
    ends = ((name, getattr(progress, name)) for name in ("failed", "rejected", "unknown"))
    parts = [f"{name} {count}" for name, count in ends if count]
    left = "" if progress.ended else _left(progress, _clock)
    return ", ".join([*parts, left] if left else parts)


def _left(progress: Progress, in_words: Callable[[float], str]) -> str:
    """How long it will take; or what is waited for, where that may end any moment."""
    if progress.eta is not None and round(progress.eta) > 0:
        return f"{in_words(progress.eta)} left"
    if progress.jobs_open:
        return f"waits for {progress.jobs_open} jobs"
    if progress.batches_open:
        return f"waits for {progress.batches_open} answers"
    return ""


def _clock(seconds: float) -> str:
    """Write a length of time as tqdm does."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


def callback(progress: ProgressOption, verb: str) -> Callable[[Progress], object] | None:
    """What a run is to call, by the option that was given."""
    if isinstance(progress, bool):
        return Bar.of(verb) if progress else None
    if iscoroutinefunction(progress):
        raise TypeError(f"{verb}() calls progress and does not await it: give a plain function")
    return progress
