"""The same rows from every kind of source end the same."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from klaviyo_py import Client, ConfigurationError, Sandbox

Row = dict[str, Any]

TEXTS = [
    *("text", " blanks around ", "two\nlines", "tab\tand\rreturn", 'quote " and \\', "a,b;c|d"),
    *(
        "'",
        '"',
        '""',
        "é",
        "日本語",
        "😀",
        "\U0010ffff",
        "\u2028\u2029",
        "\ufeffBOM",
        "\x01\x1f\x7f",
    ),
    *(
        "null",
        "None",
        "NaN",
        "true",
        "1",
        "01",
        "1e5",
        "-",
        "[1]",
        '{"a":1}',
        "=1+1",
        "\\n",
        "\\u0041",
    ),
    *("x" * 5000, "NULL", "N/A", "#", "//", "<b>", "%s", "{}", "[]", "0x10", "a\u0301"),
]
NUMBERS = [
    *(0, -1, 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)),
    *(0.0, -0.0, 0.1, -0.1, 1e-7, 1e22, 1.7976931348623157e308, 5e-324, 2.5, 100.0, 1 / 3, 1e16),
    *(True, False, float("nan"), float("inf"), float("-inf")),
]
NESTED = [
    *([1, 2, 3], ["a", None, "b"], [[1], [2, 3]], [True, False], [0.5, -0.5], ["", " "]),
    *({"a": 1}, {"a": {"b": {"c": "d"}}}, {"a": [{"b": 1}, {"b": 2}]}, {"é": "ü"}),
    *({"with.dot": 1, "with space": 2}, [[["deep"]]], {"a": 2**63 - 1}),
    *([[[[[[[[[["ten levels"]]]]]]]]]], [[[[[[[[[[["eleven levels"]]]]]]]]]]]),
]
# In a frame these are columns that can only be null, which polars does not hand over well.
ONLY_NULL: list[Any] = [None, [None], {"a": None}, [{"a": [{"b": [None]}]}]]
FIELDS: list[Row] = [
    *({"email": email} for email in ("ada@shop.example", "no address", "a@b", "ü@müller.example")),
    *({"phone_number": number} for number in ("+12025550123", "12025550123", "+1 202", "0")),
    *({"first_name": name} for name in ("Ada", " ", "null", "x" * 1000)),
    *({"location.city": "London", "location.zip": zip_code} for zip_code in ("01234", "SW1A 1AA")),
    *({"location.latitude": latitude} for latitude in ("51.5", "north")),
    {"location.city": None, "properties.x": None},
    {"external_id": None},
    {"external_id": None, "email": None, "first_name": "Nobody"},
    {"patch.append.tags": "vip", "patch.unappend.tags": "new"},
]
# What a frame or a table has no form for, because a column is there for all rows or has one type.
UNEVEN: list[Row] = [
    {"e_mail": "ada@shop.example"},
    {"properties": {"mixed": [1, "a", None, 2.5, True]}},
    {"properties": {"empty": {}, "none": []}},
    {"location": {"city": "London"}, "location.zip": "01234"},
    {"location": "London"},
    {"location.city": "London", "location": {"city": "Paris"}},
    {"properties.": "x"},
    {"properties.text": ""},
    {"first_name": ""},
    {"first_name": 1},
    {"email": ["ada@shop.example"]},
    {"patch": {"unset": ["a"]}, "patch.append": {"b": 1}},
]
# What JSON has no form for; a frame has.
TYPED = [
    *(dt.date(2026, 10, 31), dt.date(1, 1, 1), dt.time(9, 30), dt.time(9, 30, 0, 1)),
    *(dt.datetime(2026, 10, 31, 9, 30), dt.datetime(2026, 10, 31, 9, 30, 0, 5000)),  # noqa: DTZ001
    *(dt.datetime(2026, 10, 31, 9, 30, tzinfo=dt.timezone.utc), dt.timedelta(1)),
    *(
        Decimal("9.99"),
        Decimal("12.50"),
        Decimal("-0.01"),
        Decimal("1234567890.12345678901"),
        b"ab",
    ),
    *([dt.date(2026, 10, 31)], {"at": dt.date(2026, 10, 31)}, [Decimal("9.99")], [b"ab"]),
]


def numbered(rows: list[Row]) -> list[Row]:
    return [{"external_id": str(number)} | row for number, row in enumerate(rows)]


def properties(values: list[Any], prefix: str) -> list[Row]:
    """A row for each value, each under a name of its own: so columns have one type."""
    return [{f"properties.{prefix}{number}": value} for number, value in enumerate(values)]


FLAT = properties(TEXTS, "text") + properties(NUMBERS, "number") + FIELDS
EVEN = FLAT + properties(NESTED, "nested")
NULL_ROWS = properties(ONLY_NULL, "null")
JSON_ROWS = numbered(EVEN + NULL_ROWS + UNEVEN)
FRAME_ROWS = numbered(EVEN + properties(TYPED, "typed"))
CSV_ROWS = numbered(EVEN + NULL_ROWS)


def is_json(row: Row) -> bool:
    """Whether it holds no NaN and no infinity."""
    floats = (value for value in row.values() if isinstance(value, float))
    return all(math.isfinite(value) for value in floats)


def lines(rows: list[Row]) -> bytes:
    return "\n".join(json.dumps(row) for row in rows).encode()


def frame(rows: list[Row], null: Mapping[str, Any] | None = None) -> pl.DataFrame:
    """A column for each name; one without a value is a text, unless `null` says otherwise."""
    names = (name for row in rows for name, value in row.items() if value is None)
    types = dict.fromkeys(names, pl.String) if null is None else null
    one_row = (
        pl.DataFrame([row], schema_overrides={name: types[name] for name in row if name in types})
        for row in rows
    )
    return pl.concat(one_row, how="diagonal_relaxed")


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
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
    return path


Ends = tuple[dict[str, int], list[Any], list[str]]


def ends(client: Client, sandbox: Sandbox, rows: Any, **options: Any) -> Ends:
    """What became of each row, and what Klaviyo holds then."""
    sandbox.reset()
    report = client.bulk.import_profiles(rows, **options)
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


JSON_ONLY = [row for row in JSON_ROWS if is_json(row)]
SOURCES: dict[str, tuple[list[Row], Callable[[list[Row], Path], Any]]] = {
    "a generator": (JSON_ROWS, lambda rows, _: (row for row in rows)),
    "ndjson": (JSON_ONLY, lambda rows, folder: write(lines(rows), folder / "rows.ndjson")),
    "gzip": (
        JSON_ONLY,
        lambda rows, folder: write(gzip.compress(lines(rows)), folder / "rows.jsonl.gz"),
    ),
    "two files": (JSON_ONLY, two_files),
    "a frame": (FRAME_ROWS, lambda rows, _: frame(rows)),
    "a frame in slices": (
        FRAME_ROWS,
        lambda rows, _: pl.concat(frame(rows).iter_slices(7), rechunk=False),
    ),
    "a frame with columns of nulls": (
        numbered(EVEN + NULL_ROWS),
        lambda rows, _: frame(rows, {}),
    ),
    "parquet": (FRAME_ROWS, lambda rows, folder: parquet(rows, folder / "rows.parquet")),
    "csv": (CSV_ROWS, lambda rows, folder: write_csv(rows, folder / "rows.csv")),
}


@pytest.mark.parametrize("kind", SOURCES)
def test_rows_end_as_dicts_do(client: Client, sandbox: Sandbox, tmp_path: Path, kind: str) -> None:
    rows, make = SOURCES[kind]
    assert len(rows) > 100
    options = {"types": types_of(rows)} if kind == "csv" else {}
    expected = ends(client, sandbox, rows)
    assert expected[0]["completed"] > 80
    assert expected[0]["rejected"] > 5
    assert ends(client, sandbox, make(rows, tmp_path), **options) == expected


def test_a_frame_is_read_as_arrow_where_it_can_be() -> None:
    assert "Null" not in str(frame(FRAME_ROWS).schema)
    assert "Null" in str(frame(CSV_ROWS, {}).schema)


def test_a_frame_of_several_pieces_gives_every_row_once(client: Client, sandbox: Sandbox) -> None:
    def piece(numbers: range) -> pl.DataFrame:
        return pl.DataFrame({"external_id": [str(number) for number in numbers]})

    frame = pl.concat([piece(range(7)), piece(range(7, 25_000))], rechunk=False)
    assert frame.n_chunks() == 2
    report = client.bulk.import_profiles(frame)
    assert (report.rows, report.completed) == (25_000, 25_000)
    assert sandbox.state()["profiles"] == 25_000


def test_columns_are_renamed_in_every_source(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    rows = [{"E-Mail": "ada@shop.example", "properties.E-Mail": "x"}]
    sources: list[Any] = [rows, frame(rows), write(lines(rows), tmp_path / "rows.ndjson")]
    sources += [write_csv(rows, tmp_path / "rows.csv"), parquet(rows, tmp_path / "rows.parquet")]
    for source in sources:
        sandbox.reset()
        report = client.bulk.import_profiles(source, columns={"E-Mail": "email"})
        assert report.completed == 1, list(report.failures())
        [profile] = sandbox.profiles()
        assert (profile["email"], profile["properties"]) == ("ada@shop.example", {"E-Mail": "x"})


def test_a_pattern_means_all_files_that_match_in_order(client: Client, tmp_path: Path) -> None:
    for number in (2, 0, 1):
        row = {"email": f"not an address {number}"}
        write(lines([row]), tmp_path / f"{number}.ndjson")
    report = client.bulk.import_profiles(tmp_path / "[0-9].ndjson")
    assert [failure.item for failure in report.failures()] == [
        {"email": f"not an address {number}"} for number in range(3)
    ]
    with pytest.raises(ConfigurationError, match="no file matches"):
        client.bulk.import_profiles(str(tmp_path / "*.csv"))


def test_what_cannot_be_read_is_told_before_anything_is_sent(
    client: Client, tmp_path: Path
) -> None:
    for rows, error, told in [
        ("customers.xlsx", ConfigurationError, ".parquet, .ndjson"),
        (tmp_path / "missing.csv", FileNotFoundError, "missing.csv"),
        (write(b"PAR1", tmp_path / "broken.parquet"), ValueError, "broken.parquet"),
        (pl.Series([1, 2]), TypeError, "named columns"),
    ]:
        with pytest.raises(error, match=told):
            client.bulk.import_profiles(cast(Any, rows))


def test_options_that_mean_nothing_are_refused(client: Client, tmp_path: Path) -> None:
    path = write(b"email,ltv\n", tmp_path / "rows.csv")
    for rows, options, told in [
        (path, {"columns": {"E-Mail": "email"}}, '"E-Mail"'),
        (path, {"types": {"properties.ltv": "number"}}, '"properties.ltv"'),
        (path, {"types": {"ltv": "float"}}, "a type must be"),
        ([], {"types": {"ltv": "number"}}, "types is for CSV"),
        (pl.DataFrame({"email": ["a"]}), {"types": {"email": "text"}}, "types is for CSV"),
    ]:
        with pytest.raises(ConfigurationError, match=told):
            client.bulk.import_profiles(cast(Any, rows), **cast(Any, options))


def test_a_file_that_breaks_off_leaves_the_report_of_what_came_before(
    client: Client, tmp_path: Path
) -> None:
    rows = [{"external_id": str(number), "properties.x": number} for number in range(50_000)]
    whole = gzip.compress(lines(rows))
    path = write(whole[: len(whole) // 2], tmp_path / "rows.ndjson.gz")
    with pytest.raises(OSError, match=r"rows\.ndjson\.gz") as raised:
        client.bulk.import_profiles(path)
    report = raised.value.__dict__["report"]
    assert 0 < report.completed == report.rows < 50_000


def test_a_frame_that_needs_what_is_not_installed_says_so(client: Client) -> None:
    class Frame:
        def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
            raise ImportError("pyarrow")

    with pytest.raises(ImportError, match=r"klaviyo-py\[pandas\]"):
        client.bulk.import_profiles(Frame())
