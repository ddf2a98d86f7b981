"""The same rows from every kind of source end the same."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from klaviyo_py import Client, Report, Sandbox
from missing import required
from nasty_rows import CSV_ROWS, EVEN, FRAME_ROWS, JSON_ROWS, NULLS, Row, is_json, numbered

arro3 = required("arro3.core")
duckdb = required("duckdb")
pa = required("pyarrow")
pd = required("pandas")
required("pyarrow.dataset")


def lines(rows: list[Row]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def frame(rows: list[Row], null: Any = pl.String) -> pl.DataFrame:
    """A column for each name; one without a value is of the type `null`."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = (pl.Series(name, [row.get(name) for row in rows]) for name in names)
    return pl.DataFrame([one.cast(null) if one.dtype == pl.Null else one for one in columns])


def cell(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (list, dict)) else value


def types_of(rows: list[Row]) -> dict[str, str]:
    words = {bool: "boolean", int: "integer", float: "number", list: "json", dict: "json"}
    return {
        name: words[type(value)]
        for row in rows
        for name, value in row.items()
        if type(value) in words and name.startswith("properties.")
    }


def write_csv(rows: list[Row], path: Path) -> Path:
    # By hand: the writer of Python 3.10 cannot write a NUL.
    def quoted(value: object) -> str:
        return '"' + str(value).replace('"', '""') + '"'

    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        file.write(",".join(map(quoted, names)) + "\r\n")
        for row in rows:
            cells = ("" if row.get(name) is None else quoted(cell(row[name])) for name in names)
            file.write(",".join(cells) + "\r\n")
    return path


Ends = tuple[dict[str, int], list[Any], list[str]]


def ends(client: Client, sandbox: Sandbox, rows: Any, **options: Any) -> Ends:
    """What became of each row, and what Klaviyo holds then."""
    sandbox.reset()
    return told(client.bulk.import_profiles(rows, **options), sandbox)


def told(report: Report, sandbox: Sandbox) -> Ends:
    counts = {"rows": report.rows, "completed": report.completed, "rejected": report.rejected}
    failures = [(failure.row, failure.code, failure.pointer) for failure in report.failures()]
    # As text, because True equals 1, and 1 equals 1.0.
    held = [
        json.dumps(
            {name: value for name, value in profile.items() if name not in PER_RUN}, sort_keys=True
        )
        for profile in sandbox.profiles()
    ]
    return counts, failures, sorted(held)


PER_RUN = {"id", "created", "updated"}


def write(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path


def parquet(rows: list[Row], path: Path) -> Path:
    frame(rows).write_parquet(path)
    return path


def two_files(rows: list[Row], folder: Path) -> list[Path]:
    middle = len(rows) // 2
    return [
        write(lines(rows[:middle]), folder / "1.jsonl"),
        write(lines(rows[middle:]), folder / "2.jsonl"),
    ]


def zstd(content: bytes, path: Path) -> Path:
    with pa.CompressedOutputStream(str(path), "zstd") as file:
        file.write(content)
    return path


def slices(rows: list[Row]) -> pl.DataFrame:
    """A frame in pieces, each of which begins in the midst of its buffers."""
    return pl.concat(frame(rows).iter_slices(7), rechunk=False)


def table(rows: list[Row]) -> Any:
    return frame(rows).to_arrow()


def reader(rows: list[Row]) -> Any:
    return table(rows).to_reader()


JSON_ONLY = [row for row in JSON_ROWS if is_json(row)]
SOURCES: dict[str, tuple[list[Row], Callable[[list[Row], Path], Any]]] = {
    "a generator": (JSON_ROWS, lambda rows, _: (row for row in rows)),
    "ndjson": (JSON_ONLY, lambda rows, folder: write(lines(rows), folder / "rows.ndjson")),
    "gzip": (
        JSON_ONLY,
        lambda rows, folder: write(gzip.compress(lines(rows)), folder / "rows.jsonl.gz"),
    ),
    "two files": (JSON_ONLY, two_files),
    "csv": (CSV_ROWS, lambda rows, folder: write_csv(rows, folder / "rows.csv")),
    "csv.zst": (
        CSV_ROWS,
        lambda rows, folder: zstd(
            write_csv(rows, folder / "rows.csv").read_bytes(), folder / "rows.csv.zst"
        ),
    ),
    "parquet": (FRAME_ROWS, lambda rows, folder: parquet(rows, folder / "rows.parquet")),
    "polars": (FRAME_ROWS, lambda rows, _: frame(rows)),
    "polars in slices": (FRAME_ROWS, lambda rows, _: slices(rows)),
    "polars with columns of nulls": (numbered(EVEN + NULLS), lambda rows, _: frame(rows, pl.Null)),
    "polars, row by row": (FRAME_ROWS, lambda rows, _: frame(rows).iter_rows(named=True)),
    "pandas": (FRAME_ROWS, lambda rows, _: table(rows).to_pandas(types_mapper=pd.ArrowDtype)),
    "pyarrow": (FRAME_ROWS, lambda rows, _: table(rows)),
    "a reader of pyarrow": (FRAME_ROWS, lambda rows, _: reader(rows)),
    "a dataset of pyarrow": (FRAME_ROWS, lambda rows, _: pa.dataset.dataset(table(rows))),
    "a scanner of pyarrow": (FRAME_ROWS, lambda rows, _: pa.dataset.dataset(table(rows)).scanner()),
    "duckdb": (FRAME_ROWS, lambda rows, _: duckdb.connect().from_arrow(table(rows))),
    "arro3": (FRAME_ROWS, lambda rows, _: arro3.Table.from_arrow(frame(rows))),
    "a reader of arro3": (
        FRAME_ROWS,
        lambda rows, _: arro3.RecordBatchReader.from_arrow(reader(rows)),
    ),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_rows_end_as_dicts_do(client: Client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    rows, make = SOURCES[kind]
    assert len(rows) >= 1000
    options = {"types": types_of(rows)} if kind.startswith("csv") else {}
    expected = ends(client, sandbox, rows)
    assert expected[0]["completed"] > 900
    assert expected[0]["rejected"] > 50
    assert ends(client, sandbox, make(rows, tmp_path), **options) == expected


def test_rows_that_are_awaited_end_as_dicts_do(client: Client, sandbox: Sandbox) -> None:
    async def rows() -> AsyncIterator[Row]:
        for row in JSON_ROWS:
            yield row

    async def send() -> Report:
        async with sandbox.async_client() as client:
            return await client.bulk.import_profiles(rows())

    expected = ends(client, sandbox, JSON_ROWS)
    sandbox.reset()
    assert told(asyncio.run(send()), sandbox) == expected


def test_a_frame_is_read_as_arrow_where_it_can_be() -> None:
    assert "Null" not in str(frame(FRAME_ROWS).schema)
    assert "Null" in str(frame(CSV_ROWS, pl.Null).schema)


def test_columns_of_nulls_leave_the_others_as_they_are(client: Client, sandbox: Sandbox) -> None:
    columns = {
        "external_id": pl.Series(["a"]),
        "properties.ns": pl.Series([1_700_000_000_123_456_789]).cast(pl.Datetime("ns", "UTC")),
        "properties.f32": pl.Series([0.1], dtype=pl.Float32),
        "properties.there": pl.Series([0]).cast(pl.Datetime("us", "Europe/Berlin")),
    }
    nulls = {
        "properties.null": pl.Series([None]),
        "properties.list": pl.Series([[None]]),
        "properties.pair": pl.Series([[None, None]], dtype=pl.Array(pl.Null, 2)),
        "properties.struct": pl.Series([{"null": None, "one": 1}]),
    }
    frame = pl.DataFrame(columns | nulls)
    assert str(frame.schema).count("Null") == 4
    assert client.bulk.import_profiles(frame).completed == 1
    [profile] = sandbox.profiles()
    assert profile["properties"] == {
        "ns": "2023-11-14T22:13:20.123456789+00:00",
        "f32": 0.1,
        "there": "1970-01-01T00:00:00+00:00",
        "list": [None],
        "pair": [None, None],
        "struct": {"null": None, "one": 1},
    }


def test_integers_that_arrow_does_not_have_are_named(client: Client, tmp_path: Path) -> None:
    frame = pl.DataFrame({"external_id": ["a"], "properties.x": pl.Series([5], dtype=pl.Int128)})
    with pytest.raises(TypeError, match=r"properties\.x' is of Int128"):
        client.bulk.import_profiles(frame)
    path = tmp_path / "wide.parquet"
    frame.write_parquet(path)
    with pytest.raises(ValueError, match="of 128 bits"):
        client.bulk.import_profiles(path)


def test_a_frame_of_several_pieces_gives_every_row_once(client: Client, sandbox: Sandbox) -> None:
    def piece(numbers: range) -> pl.DataFrame:
        return pl.DataFrame({"external_id": [str(number) for number in numbers]})

    frame = pl.concat([piece(range(7)), piece(range(7, 25_000))], rechunk=False)
    assert frame.n_chunks() == 2
    report = client.bulk.import_profiles(frame)
    assert (report.rows, report.completed) == (25_000, 25_000)
    assert sandbox.state()["profiles"] == 25_000
