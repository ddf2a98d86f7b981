"""What it takes to begin: to import the package, and to come to the first answer.

`python benches/cold_start.py [--runs N] [--results FOLDER]`. Each figure is the median of fresh
processes, less that of an interpreter that does nothing; they take turns, so that all see the same
weather. CPU time is what the work takes, whatever else runs on the machine. With a folder, the
figures are left there as `cold_start.json`. Needs klaviyo-api beside klaviyo_py, and for the size
of the wheel one in `--wheels`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import results
from machine import machine

import klaviyo_py
from klaviyo_py import Sandbox

NOTHING = "an interpreter that does nothing"

CLIENT = "from klaviyo_py import Client\nclient = Client('{key}', base_url='{url}')\n"
SDK = "from klaviyo_api import KlaviyoAPI\nclient = KlaviyoAPI('{key}', test_host='{url}')\n"
PROGRAMS = {
    NOTHING: "pass",
    "import klaviyo_py": "import klaviyo_py",
    "the same, and its Client, `bulk` and Report": "from klaviyo_py import Bulk, Client, Report",
    "the same, and its Sandbox": "from klaviyo_py import Bulk, Client, Report, Sandbox",
    "first answer: get_lists": CLIENT + "client.lists.get_lists()",
    "first answer: a bulk import of one row, its job included": CLIENT
    + "client.bulk.import_profiles([{{'email': 'ada@shop.example'}}])",
    "vendor's SDK: import klaviyo_api": "import klaviyo_api",
    "vendor's SDK, first answer: get_lists": SDK + "client.Lists.get_lists()",
}


def start(program: str) -> dict[str, float]:
    """Runs a program in a fresh interpreter; milliseconds."""
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-c", program])
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    if status:
        raise subprocess.CalledProcessError(status, program)
    return {"cpu_ms": (usage.ru_utime + usage.ru_stime) * 1e3, "wall_ms": wall * 1e3}


def starts(runs: int) -> dict[str, dict[str, float]]:
    """The medians of all programs; all but the first without what the first takes."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    with Sandbox(limits=False, job_seconds=0, separate_process=True) as sandbox:
        os.sched_setaffinity(0, cores[:1])
        programs = {
            name: program.format(key=sandbox.api_key, url=sandbox.url)
            for name, program in PROGRAMS.items()
        }
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in programs}
        # The first of each only warms the caches of the disk.
        for run in range(runs + 1):
            for name, program in programs.items():
                figures = start(program)
                if run:
                    taken[name].append(figures)
    os.sched_setaffinity(0, cores)
    medians = {
        name: {
            what: statistics.median(line[what] for line in lines) for what in ("cpu_ms", "wall_ms")
        }
        for name, lines in taken.items()
    }
    nothing = medians[NOTHING]
    return {
        name: line if name == NOTHING else {what: line[what] - nothing[what] for what in line}
        for name, line in medians.items()
    }


def sizes(wheels: Path) -> dict[str, int]:
    """Bytes of the wheel, if there is one, and of the native module that is installed."""
    package = Path(klaviyo_py.__file__).parent
    native = next(package.glob("_klaviyo*.so"))
    named = {"native module": native.stat().st_size}
    built = sorted(wheels.glob("klaviyo_py-*.whl"), key=lambda wheel: wheel.stat().st_mtime)
    return {"wheel": built[-1].stat().st_size, **named} if built else named


def main() -> None:
    """All of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--wheels", type=Path, default=results.HERE.parent / "target" / "wheels")
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    result: dict[str, Any] = {
        "machine": machine("klaviyo-api"),
        "starts": starts(given.runs),
        "sizes": sizes(given.wheels),
    }
    print(results.cold_start_table(result))
    if given.results:
        results.keep(given.results, "cold_start", result)


if __name__ == "__main__":
    main()
