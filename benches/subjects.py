"""Who is compared: the floor, ours from each source, plumbing, and what people use today."""

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
TEN_TIMES = "ours: generator, ten times the rows"


@dataclass(frozen=True)
class Job:
    """What a subject is told to do."""

    rows: int
    folder: Path
    url: str
    key: str


@dataclass(frozen=True)
class Subject:
    """A program to be measured."""

    command: Callable[[Job], list[str]]
    file: str | None = None
    """The kind of the file that its rows come from."""
    part: float = 1.0
    """The part of the rows that it is given: less where all would take minutes, and told per row it
    is the same to it."""


def _file(*program: str, kind: str = "ndjson", part: float = 1.0) -> Subject:
    """A program that is told a file, an address and a key."""

    def command(job: Job) -> list[str]:
        return [*program, str(rows.file(job.folder, kind, job.rows)), job.url, job.key]

    return Subject(command, kind, part)


def _python(script: str, source: str, part: float = 1.0) -> Subject:
    """A program in Python that is told where its rows come from."""

    def command(job: Job) -> list[str]:
        program = [sys.executable, str(HERE / script), source, "--rows", str(job.rows)]
        return [*program, "--folder", str(job.folder), "--url", job.url, "--key", job.key]

    kind = "parquet" if source == "arrow" else source
    return Subject(command, kind if kind in rows.WRITERS else None, part)


_RELEASE = TARGET / "release"
_PEERS = TARGET / "peers" / "release"

OURS = {f"ours: {source}": _python("ours.py", source) for source in SOURCES}

# Neither checks, limits, retries nor outcomes.
PLUMBING = {
    "plumbing, NDJSON copied": _file(str(_RELEASE / "ndjson"), "trusted"),
    "plumbing, NDJSON, serde RawValue": _file(str(_RELEASE / "ndjson"), "raw"),
    "plumbing, Parquet, arrow-json": _file(str(_PEERS / "parquet_arrow_json"), kind="parquet"),
}

PEERS = {
    "crate klaviyo 0.4: NDJSON": _file(str(_PEERS / "crate_klaviyo")),
    "orjson + httpx: dicts": _python("peer_orjson.py", "dicts"),
    "pyarrow + orjson + httpx: Parquet": _python("peer_orjson.py", "parquet"),
    "vendor's SDK 23, Node: objects": _file(
        "node", "--expose-gc", str(HERE / "peers" / "vendor_sdk.mjs"), part=0.2
    ),
    "vendor's SDK 25, Python: dicts": _python("peer_vendor_sdk.py", "dicts", part=0.02),
}

SUBJECTS = {
    FLOOR: _file(str(_RELEASE / "floor")),
    **OURS,
    TEN_TIMES: _python("ours.py", "generator", part=10.0),
    **PLUMBING,
    **PEERS,
}
