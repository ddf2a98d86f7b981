"""Sends the rows with klaviyo_py and prints what that cost, as a line of JSON.

`python benches/ours.py SOURCE --url URL [--rows N] [--folder FOLDER]`: the rows come as `dicts`
(a list), `generator` (made as they are read; their making is measured too, and told as
`source_cpu_seconds`), `ndjson`, `csv`, `parquet` (files in the folder) or `arrow` (a frame of
polars). `--wait` waits for the jobs as well.
"""

from __future__ import annotations

import argparse
import collections
import json
from pathlib import Path
from typing import Any

import rows
from meter import measured

from klaviyo_py import Client

SOURCES = ["dicts", "generator", "ndjson", "csv", "parquet", "arrow"]
# More than any machine can send: what is measured is the sender, not Klaviyo's limits.
NO_LIMITS = {"bulk_import_profiles": (1_000_000, 1_000_000)}


def source(kind: str, count: int, folder: Path) -> Any:
    """The rows."""
    if kind == "dicts":
        return list(rows.rows(count))
    if kind == "generator":
        return rows.rows(count)
    if kind == "arrow":
        import polars

        return polars.read_parquet(rows.file(folder, "parquet", count))
    return rows.file(folder, kind, count)


def main() -> None:
    """One measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", choices=SOURCES)
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", default="pk_sandbox")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    parser.add_argument("--wait", action="store_true")
    given = parser.parse_args()

    line: dict[str, Any] = {"rows": given.rows}
    types = rows.CSV_TYPES if given.source == "csv" else None
    if given.source == "generator":
        with measured() as making:
            collections.deque(rows.rows(given.rows), maxlen=0)
        line["source_cpu_seconds"] = making["cpu_seconds"]
    profiles = source(given.source, given.rows, given.folder)
    with Client(given.key, base_url=given.url, limits=NO_LIMITS) as client, measured() as cost:
        report = client.bulk.import_profiles(profiles, types=types, wait=given.wait)
    assert report.accepted + report.completed == given.rows, report
    print(json.dumps(line | cost))


if __name__ == "__main__":
    main()
