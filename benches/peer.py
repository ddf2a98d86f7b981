"""What the peers in Python share: how they are told what to send, and tell what it cost."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rows
from meter import measured

PATH = "/api/profile-bulk-import-jobs"
HEADERS = {"Content-Type": "application/vnd.api+json", "revision": "2026-10-15"}


@dataclass
class Given:
    """What a peer is told."""

    source: str
    url: str
    key: str
    rows: int
    folder: Path

    @property
    def key_header(self) -> dict[str, str]:
        """Who sends."""
        return {"Authorization": f"Klaviyo-API-Key {self.key}"}


def told(about: str | None, sources: list[str]) -> Given:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("source", choices=sources)
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", default="pk_sandbox")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    return Given(**vars(parser.parse_args()))


def dicts(given: Given) -> list[dict[str, Any]]:
    """The rows, all in memory, as ours has them."""
    return list(rows.rows(given.rows))


def parquet(given: Given) -> Iterator[dict[str, Any]]:
    """The rows of the file, a request's worth at a time."""
    from pyarrow.parquet import ParquetFile

    file = ParquetFile(rows.file(given.folder, "parquet", given.rows))
    for batch in file.iter_batches(batch_size=10_000):
        yield from batch.to_pylist()


def measure(send: Callable[[], int]) -> None:
    """Does it, and prints what it cost."""
    with measured() as cost:
        sent = send()
    print(json.dumps({"rows": sent, **cost}))
