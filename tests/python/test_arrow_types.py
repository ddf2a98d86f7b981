"""What the types of Arrow are as properties, by way of pyarrow, which has them all."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from klaviyo_py import Client, Sandbox
from missing import required

pa = required("pyarrow")
required("pyarrow.dataset")
pd = required("pandas")

ID = uuid.UUID("00112233-4455-6677-8899-aabbccddeeff")
NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.timezone.utc)
# A type, a value of it as Python has it, and the property.
SENT: list[tuple[Any, Any, Any]] = [
    (pa.null(), None, None),
    (pa.bool_(), True, True),
    (pa.int8(), -128, -128),
    (pa.uint64(), 2**63 - 1, 2**63 - 1),
    (pa.float16(), 0.5, 0.5),
    (pa.float32(), 0.1, 0.1),
    (pa.float64(), 0.1, 0.1),
    (pa.decimal32(9, 2), Decimal("9.99"), 9.99),
    (pa.decimal64(18, 2), Decimal("9.99"), 9.99),
    (pa.decimal128(38, 2), Decimal("9.99"), 9.99),
    (pa.decimal256(76, 2), Decimal("-9.90"), -9.9),
    (pa.decimal128(38, -2), Decimal("1200"), 1200),
    *((kind, "é😀", "é😀") for kind in (pa.string(), pa.large_string(), pa.string_view())),
    (pa.date32(), dt.date(2026, 11, 1), "2026-11-01"),
    (pa.date64(), dt.date(2026, 11, 1), "2026-11-01"),
    (pa.time32("s"), dt.time(9, 30), "09:30:00"),
    (pa.time64("us"), dt.time(9, 30, 0, 5), "09:30:00.000005"),
    *((pa.timestamp(unit), NOON, "2026-11-01T12:00:00Z") for unit in ("s", "ms", "us", "ns")),
    (pa.timestamp("ns"), 1, "1970-01-01T00:00:00.000000001Z"),
    (pa.timestamp("ms", "+02:00"), NOON, "2026-11-01T14:00:00+02:00"),
    (pa.timestamp("us", "UTC"), NOON, "2026-11-01T12:00:00+00:00"),
    # Only a calendar knows the offset; the same moment in UTC needs none.
    (pa.timestamp("us", "Europe/Berlin"), NOON, "2026-11-01T12:00:00+00:00"),
    (pa.dictionary(pa.int8(), pa.string()), "a", "a"),
    (pa.dictionary(pa.uint32(), pa.int64()), 5, 5),
    (pa.run_end_encoded(pa.int32(), pa.string()), "a", "a"),
    *((kind(pa.int8()), [1, None], [1, None]) for kind in (pa.list_, pa.large_list)),
    *((kind(pa.int8()), [1, 2], [1, 2]) for kind in (pa.list_view, pa.large_list_view)),
    (pa.list_(pa.string(), 2), ["a", "b"], ["a", "b"]),
    (pa.struct({"a": pa.int8(), "b.c": pa.date32()}), {"a": None}, {"a": None, "b.c": None}),
    (pa.map_(pa.string(), pa.int8()), [("a", 1), ("", None)], {"a": 1, "": None}),
    (pa.list_(pa.struct({"a": pa.list_(pa.null())})), [{"a": [None]}], [{"a": [None]}]),
    (pa.json_(), '{"a": 1}', '{"a": 1}'),
    (pa.uuid(), ID, str(ID)),
]
REJECTED: list[tuple[Any, Any, str]] = [
    (pa.uint64(), 2**63, "integer_out_of_range"),
    (pa.float16(), float("nan"), "not_finite"),
    (pa.float64(), float("inf"), "not_finite"),
    (pa.decimal128(38, 20), Decimal("0.12345678901234567890"), "inexact_number"),
    (pa.decimal256(76, 0), Decimal(2**63), "integer_out_of_range"),
    *((kind, b"ab", "unsupported_value") for kind in (pa.binary(), pa.large_binary())),
    *((kind, b"ab", "unsupported_value") for kind in (pa.binary_view(), pa.binary(2))),
    (pa.binary(16), ID.bytes, "unsupported_value"),
    *((pa.duration(unit), 5, "unsupported_value") for unit in ("s", "ms", "us", "ns")),
    (pa.month_day_nano_interval(), (1, 2, 3), "unsupported_value"),
    (pa.timestamp("s"), 2**60, "unsupported_value"),
    (pa.map_(pa.int8(), pa.int8()), [(1, 1)], "invalid_name"),
    (pa.list_(pa.binary()), [b"ab"], "unsupported_value"),
]


def whole(value: Any, kind: Any) -> Any:
    return pa.array([value], kind)


def slice_of_chunks(value: Any, kind: Any) -> Any:
    """The value in the midst of other data, as a filter leaves it."""
    chunk = pa.array([None, value, None], kind).slice(1, 1)
    return pa.chunked_array([pa.array([], kind), chunk, pa.array([], kind)])


@pytest.mark.parametrize("made", [whole, slice_of_chunks])
def test_every_type_is_one_property(
    client: Client, sandbox: Sandbox, made: Callable[[Any, Any], Any]
) -> None:
    columns = {f"properties.{n}": made(value, kind) for n, (kind, value, _) in enumerate(SENT)}
    report = client.bulk.import_profiles(pa.table({"external_id": ["1"]} | columns))
    assert report.completed == 1, list(report.failures())
    [profile] = sandbox.profiles()
    for number, (kind, _, sent) in enumerate(SENT):
        arrived = profile["properties"].get(str(number))
        assert (arrived, type(arrived)) == (sent, type(sent)), kind


@pytest.mark.parametrize("made", [whole, slice_of_chunks])
@pytest.mark.parametrize(("kind", "value", "code"), REJECTED, ids=str)
def test_what_has_no_form_in_json_rejects_its_row(
    client: Client, made: Callable[[Any, Any], Any], kind: Any, value: Any, code: str
) -> None:
    table = pa.table({"external_id": ["1"], "properties.x": made(value, kind)})
    [failure] = client.bulk.plan.import_profiles(table).failures()
    assert (failure.code, failure.pointer) == (code, "properties.x")


DEEP = [{"external_id": str(n), "properties": {"a": {"b": {"c": n}}}} for n in range(10)]


@pytest.mark.parametrize(
    "made",
    [
        lambda table: table.slice(3, 4),
        lambda table: table.to_batches()[0].slice(3, 4),
        lambda table: table.slice(3, 4).to_reader(),
        lambda table: pa.dataset.dataset(table.slice(3, 4)),
        lambda table: pa.concat_tables([table.slice(3, 1), table.slice(4, 3)]),
        lambda table: table.to_pandas(types_mapper=pd.ArrowDtype)[3:7],
    ],
    ids=["table", "batch", "reader", "dataset", "chunks", "pandas"],
)
def test_structs_in_structs_may_begin_midway(
    client: Client, sandbox: Sandbox, made: Callable[[Any], Any]
) -> None:
    report = client.bulk.import_profiles(made(pa.Table.from_pylist(DEEP)))
    assert (report.rows, report.completed) == (4, 4)
    sent = [profile["properties"]["a"]["b"]["c"] for profile in sandbox.profiles()]
    assert sorted(sent) == [3, 4, 5, 6]


def test_uuids_may_stand_inside_of_something(client: Client, sandbox: Sandbox) -> None:
    ids = pa.array([ID, None], pa.uuid())
    columns = {
        "external_id": pa.array(["1"]),
        "properties.list": pa.ListArray.from_arrays([0, 2], ids),
        "properties.struct": pa.StructArray.from_arrays([ids.slice(0, 1)], names=["id"]),
    }
    assert client.bulk.import_profiles(pa.table(columns)).completed == 1
    [profile] = sandbox.profiles()
    assert profile["properties"] == {"list": [str(ID), None], "struct": {"id": str(ID)}}
