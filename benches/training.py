"""What the wheel is trained on: a compiler that knows which ways are gone often makes those short.

`maturin build --pgo` runs this with a build that counts, and builds anew with what it counted. What
is done here is what pipelines do: profiles and events from every kind of source, rows that are
refused, jobs waited for, lists read into a table. The rows are not those that are measured
([rows.py](rows.py)): a wheel must not learn its examination by heart. It wants polars beside
klaviyo_py.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import polars

from klaviyo_py import Client, Report, Sandbox

Row = dict[str, Any]

BEGINNING = datetime(2026, 1, 1, tzinfo=timezone.utc)
OPERATIONS = ["bulk_import_profiles", "bulk_create_events", "get_profiles"]
NO_LIMITS = dict.fromkeys(OPERATIONS, (1_000_000, 1_000_000))


def profile(number: int, chance: random.Random) -> Row:
    """A customer as a shop has them, nulls included."""
    return {
        "external_id": f"c-{number}",
        "email": f"buyer.{number}@mail.shop.example",
        "phone_number": f"+49301{number:07}" if chance.random() < 0.3 else None,
        "first_name": chance.choice(["Grace", "Zoë", "Jürgen", "Mei"]),
        "last_name": f"of House {number % 977}",
        "location": {
            "address1": f"{number % 99} Harbour Street",
            "city": chance.choice(["Zürich", "Rotterdam", "Lagos"]),
            "zip": f"{number % 99_999:05}",
            "latitude": round(chance.uniform(-80, 80), 4),
        },
        "properties": {
            "since": (BEGINNING + timedelta(minutes=number)).isoformat(),
            "lifetime value": round(chance.uniform(0, 4_000), 2),
            "visits": chance.randrange(400),
            "newsletter": chance.random() < 0.5,
            "favourites": ["tea", chance.choice(["cocoa", 'coffee "dark"'])],
            "note": "likes parcels that come on time" if chance.random() < 0.5 else None,
        },
    }


def event(number: int) -> Row:
    """An order, with the types that a pipeline has at hand."""
    return {
        "metric": "Placed Order",
        "email": f"buyer.{number}@mail.shop.example",
        "unique_id": f"order-{number}",
        "time": BEGINNING + timedelta(seconds=number),
        "value": Decimal(number % 10_000) / 100,
        "value_currency": "EUR",
        "properties.coupon": None,
        "properties.items": [
            {"sku": f"s-{number % 77}", "quantity": 1, "price": number % 900 / 10}
        ],
    }


def filled(row: Row) -> Row:
    """The row without its nulls."""
    return {
        name: filled(value) if isinstance(value, dict) else value
        for name, value in row.items()
        if value is not None
    }


def flat(row: Row) -> Row:
    """The row with dotted names in place of objects, and JSON in place of lists."""
    cells: Row = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells |= {f"{name}.{inner}": cell for inner, cell in flat(value).items()}
        else:
            cells[name] = json.dumps(value) if isinstance(value, list) else value
    return cells


CELLS: dict[str, Literal["number", "integer", "json"]] = {
    "location.latitude": "number",
    "properties.lifetime value": "number",
    "properties.visits": "integer",
    "properties.favourites": "json",
}


def compact(row: Row) -> str:
    """The row as a line of JSON without spaces and escapes."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def lines(path: Path, rows: list[Row], line: Callable[[Row], str]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(f"{line(row)}\n" for row in rows), encoding="utf-8")
    return path


def table(path: Path, rows: list[Row]) -> Path:
    """A file of CSV."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(flat(rows[0])))
        writer.writeheader()
        writer.writerows(map(flat, rows))
    return path


def parquet(path: Path, frame: polars.DataFrame, compression: Literal["snappy", "zstd"]) -> Path:
    """A file of Parquet."""
    frame.write_parquet(path, compression=compression)
    return path


def sources(folder: Path, count: int) -> Iterator[Any]:
    """The same customers from every kind of source."""
    chance = random.Random(1)
    rows = [profile(number, chance) for number in range(count)]
    yield rows
    yield [filled(row) for row in rows]
    yield map(flat, rows)
    yield lines(folder / "compact.ndjson", [filled(row) for row in rows], compact)
    yield lines(folder / "nulls.ndjson", rows, compact)
    yield lines(folder / "spaces.ndjson", rows, json.dumps)
    frame = polars.from_dicts(rows)
    yield frame
    yield frame.with_columns(seen=BEGINNING)
    yield parquet(folder / "snappy.parquet", frame, "snappy")
    yield parquet(folder / "zstd.parquet", frame, "zstd")


def expect(report: Report, sent: int, rejected: int = 0) -> None:
    """Ends the training when it trains something else than it is meant to."""
    if (report.accepted + report.completed, report.rejected) != (sent, rejected):
        raise SystemExit(f"{sent} should have been sent, and {rejected} rejected:\n{report}")


def send(client: Client, folder: Path, count: int) -> None:
    """Sends all rows to one who takes everything."""
    send_profiles = client.bulk.import_profiles
    for source in sources(folder, count):
        expect(send_profiles(source, extra="properties", wait=False), count)
    chance = random.Random(2)
    cells = table(folder / "cells.csv", [profile(number, chance) for number in range(count)])
    expect(send_profiles(cells, types=CELLS, wait=False), count)
    orders = [event(number) for number in range(count)]
    expect(client.bulk.create_events(orders), count)


def receive(client: Client, count: int) -> None:
    """Waits for jobs, meets rows that cannot be sent, and reads what arrived."""
    chance = random.Random(3)
    rows = [profile(number, chance) for number in range(count)]
    wrong = len(rows[::100])
    rows[::100] = [{"email": "nobody"}] * wrong
    expect(client.bulk.import_profiles(rows), len(rows) - wrong, wrong)
    arrived = polars.DataFrame(client.profiles.get_profiles(page_size=100))
    if len(arrived) != len(rows) - wrong:
        raise SystemExit(f"{len(arrived)} profiles arrived of {len(rows) - wrong}")


def main() -> None:
    """All of it, once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=30_000, help="of each source")
    count = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder, Sandbox(limits=False, sink=True) as sink:
        send(Client(sink.api_key, base_url=sink.url, limits=NO_LIMITS), Path(folder), count)
    with Sandbox(limits=False, job_seconds=0) as sandbox:
        client = Client(sandbox.api_key, base_url=sandbox.url, limits=NO_LIMITS)
        receive(client, count // 10)


if __name__ == "__main__":
    main()
