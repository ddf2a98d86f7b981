"""What a piece of work costs this process: processor time, wall time, memory above the start."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict


class Cost(TypedDict, total=False):
    """Seconds, and MB of resident memory above what the process had when the work began."""

    cpu_seconds: float
    wall_seconds: float
    peak_mb: float


@contextmanager
def measured() -> Iterator[Cost]:
    """Measures the block; what it gives is filled in at the block's end."""
    cost = Cost()
    gc.collect()
    # Of what is there already, the collector has nothing to gain: it must not walk through it.
    gc.freeze()
    _forget_peak()
    resident, cpu, wall = _status("VmRSS"), _cpu_seconds(), time.perf_counter()
    yield cost
    cost["wall_seconds"] = time.perf_counter() - wall
    cost["cpu_seconds"] = _cpu_seconds() - cpu
    cost["peak_mb"] = (_status("VmHWM") - resident) / 1024


def _cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _status(what: str) -> int:
    """A line of Linux's account of this process, in KiB."""
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == what:
            return int(value.split()[0])
    raise LookupError(what)
