"""Who is compared: the floor, ours from each source, and what people use today."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import rows
from ours import SOURCES

HERE = Path(__file__).parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target"))
FLOOR = "floor"


@dataclass(frozen=True)
class Job:
    """What a subject is told to do."""

    rows: int
    folder: Path
    url: str
    key: str

    def file(self) -> str:
        """The rows as NDJSON."""
        return str(rows.file(self.folder, "ndjson", self.rows))


@dataclass(frozen=True)
class Subject:
    """A program to be measured."""

    command: Callable[[Job], list[str]]
    part: float = 1.0
    """The part of the rows that it is given, because all would take minutes; told per row it is the
    same to it."""


def _file(*program: str) -> Subject:
    """A program that is told a file, an address and a key."""
    return Subject(lambda job: [*program, job.file(), job.url, job.key])


def _python(script: Path, source: str, part: float = 1.0) -> Subject:
    """A program in Python that is told where its rows come from."""

    def command(job: Job) -> list[str]:
        program = [sys.executable, str(script), source, "--rows", str(job.rows)]
        return [*program, "--folder", str(job.folder), "--url", job.url, "--key", job.key]

    return Subject(command, part)


_PEERS = HERE / "peers"

OURS = {f"ours: {source}": _python(HERE / "ours.py", source) for source in SOURCES}

PEERS = {
    "crate klaviyo 0.4: ndjson": _file(str(TARGET / "peers" / "release" / "klaviyo-crate-peer")),
    "orjson + httpx: dicts": _python(HERE / "peer_orjson.py", "dicts"),
    "pyarrow + orjson + httpx: parquet": _python(HERE / "peer_orjson.py", "parquet"),
    "vendor's SDK 23, Node: objects": Subject(
        _file("node", "--expose-gc", str(_PEERS / "vendor_sdk.mjs")).command, part=0.2
    ),
    "vendor's SDK 25, Python: dicts": _python(HERE / "peer_vendor_sdk.py", "dicts", part=0.02),
}

SUBJECTS = {
    FLOOR: _file(str(TARGET / "release" / "floor")),
    **OURS,
    **PEERS,
}
