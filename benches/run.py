"""Runs subjects in turn against one sink and prints what each costs, beside its round's floor.

`python benches/run.py [--rows N] [--rounds N] [--results FOLDER] [SUBJECT ...]`; a subject is
named by the beginning of its name (`ours`, `vendor`, `"ours: csv"`), and without any all are run.
Each is a program in a process of its own that prints a line of JSON; it is pinned to one core, and
the sink to another. Before anything is measured, each shows that the rows it sends are those that
it is given; after each measurement the sink must have counted as many, and the bodies of a round
must be those of the first. With a folder, the figures are left there as `rows.json`. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
from pathlib import Path
from typing import Any

import received
import results
import rows
from machine import machine, node
from subjects import FLOOR, SUBJECTS, TARGET, TEN_TIMES, Job

from klaviyo_py import Sandbox

OPERATION = "bulk_import_profiles"
PACKAGES = ["klaviyo-api", "httpx", "orjson", "polars", "pyarrow"]

Line = dict[str, Any]


def counted(sink: Sandbox) -> dict[str, int]:
    """Rows that the sink has counted so far, and the sum of what its bodies hash to."""
    requests = sink.state()["requests"].get(OPERATION, {})
    return {what: int(requests.get(what, 0)) for what in ("rows", "hash")}


def measure(subject: str, count: int, folder: Path, sink: Sandbox, core: int) -> Line:
    """One run of a subject."""
    before = counted(sink)
    due = round(count * SUBJECTS[subject].part)
    command = SUBJECTS[subject].command(Job(due, folder, sink.url, sink.api_key))
    program = ["taskset", "-c", str(core), *command]
    told = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout
    line: Line = json.loads(told)
    after = counted(sink)
    arrived = after["rows"] - before["rows"]
    assert arrived == line["rows"] == due, f"{subject} sent {arrived} rows of {due}"
    return line | {"hash": (after["hash"] - before["hash"]) % 2**64}


def chosen(beginnings: list[str]) -> list[str]:
    """The floor, and the subjects that are meant."""
    meant = [name for name in SUBJECTS if name.startswith(tuple(beginnings or [""]))]
    return [FLOOR, *(name for name in meant if name != FLOOR)]


def rounds(subjects: list[str], given: argparse.Namespace) -> dict[str, list[Line]]:
    """All lines of each subject, one a round."""
    client_core, *others = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, others[:1] or [client_core])
    taken: dict[str, list[Line]] = {subject: [] for subject in subjects}
    with Sandbox(limits=False, job_seconds=0, sink=True, separate_process=True) as sink:
        for _ in range(given.rounds):
            floor = None
            for subject, lines in taken.items():
                line = measure(subject, given.rows, given.folder, sink, client_core)
                per_row = line["cpu_seconds"] / line["rows"]
                floor = floor or per_row
                lines.append(line | {"to_floor": per_row / floor})
                assert line["hash"] == lines[0]["hash"], f"{subject} sent something else"
    return taken


def figures(lines: list[Line]) -> Line:
    """The medians, seconds for a million rows."""

    def median(what: str) -> float:
        return float(statistics.median(line[what] for line in lines if what in line))

    per_million = 1e6 / lines[0]["rows"]
    cpu = [line["cpu_seconds"] * per_million for line in lines]
    line: Line = {
        "rows": lines[0]["rows"],
        "cpu": statistics.median(cpu),
        "cpu_least": min(cpu),
        "cpu_most": max(cpu),
        "to_floor": median("to_floor"),
        "wall": median("wall_seconds") * per_million,
        "peak_mb": median("peak_mb"),
    }
    if "source_cpu_seconds" in lines[0]:
        line["making"] = median("source_cpu_seconds") * per_million
    return line


def main() -> None:
    """All subjects, in rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", help=", ".join(SUBJECTS))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=TARGET / "rows", help="where rows are kept")
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    subjects = chosen(given.subjects)
    about = machine(*PACKAGES)
    for name in subjects:
        subject = SUBJECTS[name]
        if name != TEN_TIMES:
            received.check(name, subject, given.folder)
        if subject.file:
            rows.file(given.folder, subject.file, round(given.rows * subject.part))
    taken = rounds(subjects, given)
    about["versions"] |= node()
    result = {
        "machine": about,
        "rounds": given.rounds,
        "rows": given.rows,
        "subjects": {name: figures(lines) for name, lines in taken.items()},
    }
    print(results.rows_table(result))
    if given.results:
        results.keep(given.results, "rows", result)


if __name__ == "__main__":
    main()
