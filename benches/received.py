"""Whether a subject sends the rows that it is given.

While costs are measured, rows go down a sink that counts them and keeps none, and the bodies of two
subjects differ in spaces and in the order of members. So before that, each sends some rows to a
sandbox that keeps them, and what it holds is then compared with what was to be sent.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import rows
from subjects import Job, Subject

from klaviyo_py import Sandbox

COUNT = 12_000
"""More than one request's worth."""
PAGE = 1_000


def check(name: str, subject: Subject, folder: Path) -> None:
    """Raises AssertionError that says which row came as another."""
    with Sandbox(limits=False, job_seconds=0, separate_process=True) as sandbox:
        command = subject.command(Job(COUNT, folder, sandbox.url, sandbox.api_key))
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        held = {row["external_id"]: row for row in _held(sandbox)}
    assert len(held) == COUNT, f"{name}: {len(held)} rows of {COUNT}"
    for due in rows.rows(COUNT):
        came = held[due["external_id"]]
        assert _rounded(came) == _rounded(due), f"{name}: {came} instead of {due}"


def _rounded(row: rows.Row) -> rows.Row:
    """The row, its number with 15 digits: as serde_json reads numbers unless told otherwise (the
    crate does not tell it), the last bit may be another."""
    spend = float(f"{row['properties']['spend']:.15g}")
    return row | {"properties": row["properties"] | {"spend": spend}}


def _held(sandbox: Sandbox) -> list[rows.Row]:
    """The sandbox's profiles, in the form of the rows that they came as."""
    held: list[rows.Row] = []
    while page := sandbox.profiles(offset=len(held), limit=PAGE):
        held += [
            {
                "email": profile["email"],
                "external_id": profile["external_id"],
                **profile["attributes"],
                "properties": profile["properties"],
            }
            for profile in page
        ]
    return held
