"""Runs subjects in turn against one sink and prints what each costs, beside its round's floor.

`python benches/run.py [--rows N] [--rounds N] [SUBJECT ...]`; a subject is named by the beginning
of its name (`ours`, `vendor`, `"ours: csv"`), and without any all are run. Each is a program in a
process of its own that prints a line of JSON; it is pinned to one core, and the sink to another.
After each it is checked that the sink has received as many rows as were to be sent. Needs Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
from pathlib import Path
from typing import Any

import rows
from subjects import FLOOR, SUBJECTS, Job

from klaviyo_py import Sandbox

OPERATION = "bulk_import_profiles"

Line = dict[str, Any]


def received(sink: Sandbox) -> int:
    """Rows that the sink has counted so far."""
    requests = sink.state()["requests"].get(OPERATION)
    return int(requests["rows"]) if requests else 0


def measure(subject: str, count: int, folder: Path, sink: Sandbox, core: int) -> Line:
    """One run of a subject."""
    before = received(sink)
    due = round(count * SUBJECTS[subject].part)
    command = SUBJECTS[subject].command(Job(due, folder, sink.url, sink.api_key))
    program = ["taskset", "-c", str(core), *command]
    told = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout
    line: Line = json.loads(told)
    arrived = received(sink) - before
    assert arrived == due, f"{subject} sent {arrived} rows of {due}"
    return line


def chosen(beginnings: list[str]) -> list[str]:
    """The floor, and the subjects that are meant."""
    meant = [name for name in SUBJECTS if name.startswith(tuple(beginnings or [""]))]
    return [FLOOR, *(name for name in meant if name != FLOOR)]


def main() -> None:
    """All subjects, in rounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", help=", ".join(SUBJECTS))
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    given = parser.parse_args()
    subjects = chosen(given.subjects)
    for kind in rows.WRITERS:
        for part in {SUBJECTS[subject].part for subject in subjects}:
            rows.file(given.folder, kind, round(given.rows * part))

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
    report(taken)


def report(taken: dict[str, list[Line]]) -> None:
    """The medians, as a table."""
    columns = ["cpu s/1M", "to floor", "wall s/1M", "peak MB"]
    print(f"| {'who: rows from':<33} | " + " | ".join(columns) + " |")
    print("|---|" + "---:|" * len(columns))
    for subject, lines in taken.items():

        def median(what: str, lines: list[Line] = lines) -> float:
            return float(statistics.median(line[what] for line in lines))

        per_million = 1e6 / lines[0]["rows"]
        cpu, wall = median("cpu_seconds") * per_million, median("wall_seconds") * per_million
        made = [line["source_cpu_seconds"] for line in lines if "source_cpu_seconds" in line]
        making = f" (making the rows: {statistics.median(made) * per_million:.2f})" if made else ""
        print(
            f"| {subject:<33} | {cpu:.3f}{making} | {median('to_floor'):.1f} | {wall:.2f} "
            f"| {median('peak_mb'):.0f} |"
        )


if __name__ == "__main__":
    main()
