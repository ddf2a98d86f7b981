"""What is asked of a source beside its rows, and sources that cannot be read."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from klaviyo_py import Client, ConfigurationError, JournalError, Sandbox
from missing import required
from test_sources import lines, parquet, write, write_csv


def test_columns_are_renamed_in_every_source(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    rows = [{"E-Mail": "ada@shop.example", "properties.E-Mail": "x"}]
    sources: list[Any] = [rows, pl.DataFrame(rows), write(lines(rows), tmp_path / "rows.ndjson")]
    sources += [write_csv(rows, tmp_path / "rows.csv"), parquet(rows, tmp_path / "rows.parquet")]
    for source in sources:
        sandbox.reset()
        report = client.bulk.import_profiles(source, columns={"E-Mail": "email"})
        assert report.completed == 1, list(report.failures())
        [profile] = sandbox.profiles()
        assert (profile["email"], profile["properties"]) == ("ada@shop.example", {"E-Mail": "x"})


def test_csv_is_read_with_its_separator(client: Client, sandbox: Sandbox, tmp_path: Path) -> None:
    for separator in (";", "\t"):
        text = "email,properties.n\nada@shop.example,3\nbo@shop.example,\n"
        path = write(text.replace(",", separator).encode(), tmp_path / "rows.csv")
        sandbox.reset()
        with pytest.raises(ConfigurationError, match="give separator="):
            client.bulk.import_profiles(path)
        types: Any = {"properties.n": "integer"}
        plan = client.bulk.plan.import_profiles(path, types=types, separator=separator)
        assert (plan.rows, plan.rejected) == (2, 0)
        ends = client.bulk.stream.import_profiles(path, types=types, separator=separator)
        assert [end.outcome for end in ends] == ["completed"] * 2
        assert {one["email"]: one["properties"] for one in sandbox.profiles()} == {
            "ada@shop.example": {"n": 3},
            "bo@shop.example": {},
        }


def test_a_journal_remembers_the_separator(client: Client, tmp_path: Path) -> None:
    path = write(b"email;title\nada@shop.example;Countess\n", tmp_path / "rows.csv")
    journal = tmp_path / "import.db"
    assert client.bulk.import_profiles(path, separator=";", journal=journal).completed == 1
    assert client.bulk.resume(journal, path, separator=";").completed == 1
    with pytest.raises(JournalError, match="separator"):
        client.bulk.resume(journal, [{"email": "ada@shop.example"}])


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
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    good = write(b"email\nada@shop.example\n", tmp_path / "good.csv")
    for rows, error, told in [
        ("customers.xlsx", ConfigurationError, ".parquet, .ndjson"),
        (tmp_path / "missing.csv", FileNotFoundError, "missing.csv"),
        (write(b"PAR1", tmp_path / "broken.parquet"), ValueError, "broken.parquet"),
        ([good, tmp_path / "missing.csv"], FileNotFoundError, "missing.csv"),
        ([good, write(b"email,\n", tmp_path / "no_name.csv")], ConfigurationError, "column 2"),
        (pl.Series([1, 2]), TypeError, "named columns"),
    ]:
        with pytest.raises(error, match=told):
            client.bulk.import_profiles(cast(Any, rows))
    assert sandbox.state()["profiles"] == 0


def test_options_that_mean_nothing_are_refused(client: Client, tmp_path: Path) -> None:
    path = write(b"email,ltv\n", tmp_path / "rows.csv")
    for rows, options, told in [
        (path, {"columns": {"E-Mail": "email"}}, '"E-Mail"'),
        (path, {"types": {"properties.ltv": "number"}}, '"properties.ltv"'),
        (path, {"types": {"ltv": "float"}}, "a type must be"),
        (path, {"separator": ";;"}, "one ASCII character"),
        (path, {"separator": "ß"}, "one ASCII character"),
        ([], {"separator": ";"}, "separator is for CSV"),
        (pl.DataFrame({"email": ["a"]}), {"separator": ";"}, "separator is for CSV"),
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


def test_pandas_without_pyarrow_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = required("pandas").DataFrame({"email": ["ada@shop.example"]})
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r"pip install \"klaviyo-py\[pandas\]\""):
        client.bulk.import_profiles(frame)


@pytest.mark.parametrize(
    ("module", "made"),
    [
        ("polars", "DataFrame({'email': ['ada@shop.example']})"),
        ("duckdb", "sql('SELECT 5 AS external_id').select('CAST(external_id AS TEXT) AS id')"),
        ("arro3.core", "Table({'id': Array(['5'], type=DataType.utf8())})"),
    ],
)
def test_no_other_source_needs_pyarrow(module: str, made: str) -> None:
    program = f"""
import sys
sys.modules["pyarrow"] = None
from {module} import *
from klaviyo_py import Client
assert Client("pk_x").bulk.plan.import_profiles({made}).batches == 1
"""
    required(module)
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_query_that_was_not_made_is_to_be_collected(client: Client) -> None:
    lazy: Any = pl.LazyFrame({"email": ["ada@shop.example"]})
    with pytest.raises(
        TypeError, match=r"polars\..*LazyFrame; collect it first: rows\.collect\(\)"
    ):
        client.bulk.import_profiles(lazy)


def test_an_index_without_a_name_is_no_column(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    frame = required("pandas").DataFrame(
        {"external_id": ["2", "3", "1"], "properties.x": [2, 3, 1]}
    )
    frame = frame.sort_values("external_id")
    frame.to_parquet(tmp_path / "rows.parquet")
    by_name = frame.set_index("external_id")
    for rows in [frame, tmp_path / "rows.parquet", by_name]:
        sandbox.reset()
        assert client.bulk.import_profiles(rows).completed == 3
        held = [(one["external_id"], one["properties"]) for one in sandbox.profiles()]
        assert sorted(held) == [("1", {"x": 1}), ("2", {"x": 2}), ("3", {"x": 3})]
    label = {"columns": {"__index_level_0__": "properties.label"}}
    assert client.bulk.import_profiles(frame, **cast(Any, label)).completed == 3
    assert {one["properties"]["label"] for one in sandbox.profiles()} == {0, 1, 2}


def test_what_pandas_has_for_none_is_none(client: Client, sandbox: Sandbox) -> None:
    pandas = required("pandas")
    frame = pandas.DataFrame(
        {
            "external_id": ["1", "2"],
            "first_name": ["Ada", None],
            "properties.float": [1.5, float("nan")],
            "properties.integer": pandas.array([1, None], dtype="Int64"),
            "properties.at": pandas.to_datetime(["2026-11-01", None]),
            "properties.kind": pandas.Categorical(["a", None]),
        }
    )
    assert client.bulk.import_profiles(frame).completed == 2
    held = [one["properties"] for one in sandbox.profiles()]
    full = {"float": 1.5, "integer": 1, "at": "2026-11-01T00:00:00Z", "kind": "a"}
    assert sorted(held, key=len) == [{}, full]
