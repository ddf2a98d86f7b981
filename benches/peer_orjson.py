"""What a careful engineer writes by hand: orjson for each row, its bytes counted, httpx.

From `dicts`, or from `parquet` by way of pyarrow's to_pylist. Both caps of a request and that of a
profile are kept; limits, retries, names of fields, jobs and the ends of rows are not its business.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import httpx
import orjson
from peer import HEADERS, PATH, Given, dicts, measure, parquet, told

MOST_ROWS = 10_000
MOST_BYTES = 5_000_000
MOST_BYTES_OF_A_ROW = 100_000
HEAD = b'{"data":{"type":"profile-bulk-import-job","attributes":{"profiles":{"data":['
TAIL = b"]}}}}"


def bodies(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[int, bytes]]:
    """How many rows, and the body that holds them."""
    items: list[bytes] = []
    size = len(HEAD) + len(TAIL)
    for row in rows:
        item = orjson.dumps({"type": "profile", "attributes": row})
        if len(item) > MOST_BYTES_OF_A_ROW:
            raise ValueError(f"a profile of {len(item)} bytes")
        if len(items) == MOST_ROWS or size + len(item) + 1 > MOST_BYTES:
            yield len(items), HEAD + b",".join(items) + TAIL
            items, size = [], len(HEAD) + len(TAIL)
        items.append(item)
        size += len(item) + 1
    if items:
        yield len(items), HEAD + b",".join(items) + TAIL


def send(rows: Iterable[dict[str, Any]], given: Given) -> int:
    """Sends all, one request after the other; gives how many."""
    sent = 0
    with httpx.Client(
        base_url=given.url, headers=HEADERS | given.key_header, trust_env=False
    ) as client:
        for count, body in bodies(rows):
            client.post(PATH, content=body).raise_for_status()
            sent += count
    return sent


if __name__ == "__main__":
    given = told(__doc__, sources=["dicts", "parquet"])
    rows: Iterable[dict[str, Any]] = dicts(given) if given.source == "dicts" else parquet(given)
    measure(lambda: send(rows, given))
