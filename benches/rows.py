"""The rows that every subject sends: profiles as a shop has them, 330 bytes each on the wire.

They come as dicts, and as files that are written once into a folder and then kept there.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

Row = dict[str, Any]


def row(number: int) -> Row:
    """One profile."""
    return {
        "email": f"customer-{number:08}@shop.example",
        "external_id": f"{number:08}",
        "first_name": "Ada",
        "last_name": f"Number {number:08}",
        "location": {"city": "København", "country": "Denmark", "zip": "2100"},
        "properties": {
            "orders": number % 17,
            "spend": number * 1.07,
            "vip": number % 5 == 0,
            "tags": ["web", "newsletter"],
            "last_order": "2026-10-31T12:00:00Z",
        },
    }


def rows(count: int) -> Iterator[Row]:
    """The first `count` profiles, made as they are read."""
    return map(row, range(count))


def file(folder: Path, kind: str, count: int) -> Path:
    """The file of the first `count` profiles; `kind` is `ndjson`, `csv` or `parquet`."""
    path = folder / f"rows-{count}.{kind}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        WRITERS[kind](beside, count)
        beside.rename(path)
    return path


def _write_ndjson(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as out:
        for one in rows(count):
            json.dump(one, out, ensure_ascii=False, separators=(",", ":"))
            out.write("\n")


def _write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(_flat(row(0))))
        writer.writeheader()
        writer.writerows(map(_flat, rows(count)))


CSV_TYPES: dict[str, Literal["integer", "number", "boolean", "json"]] = {
    "properties.orders": "integer",
    "properties.spend": "number",
    "properties.vip": "boolean",
    "properties.tags": "json",
}
"""What the cells of the CSV stand for, where they are not text."""


def _flat(one: Row) -> Row:
    """The row with dotted names in place of objects, and lists as JSON."""
    flat: Row = {}
    for name, value in one.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{inner}": of for inner, of in value.items()}
        else:
            flat[name] = value
    return flat | {
        "properties.tags": json.dumps(flat["properties.tags"]),
        "properties.vip": json.dumps(flat["properties.vip"]),
    }


def _write_parquet(path: Path, count: int) -> None:
    import polars

    # Snappy is what pyarrow, pandas, Spark and duckdb write unless told otherwise.
    polars.from_dicts(list(rows(count))).write_parquet(path, compression="snappy")


WRITERS = {"ndjson": _write_ndjson, "csv": _write_csv, "parquet": _write_parquet}
