"""Values of Python's: what the sandbox holds is what `json` would have sent."""

from __future__ import annotations

import datetime as dt
import enum
import json
import uuid
from collections import OrderedDict, UserDict, namedtuple
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from klaviyo_py import Client, Sandbox


class Size(enum.IntEnum):
    SMALL = 1


class Colour(str, enum.Enum):
    RED = "red"


class Shape(enum.Enum):
    ROUND = ("circle", 1)


class Money(float):
    pass


Point = namedtuple("Point", "x y")

JSON_VALUES: list[Any] = [
    *("", "text", 'quote " and \\', "\x00\x1f\n\u2028", "é", "日本語", "😀", "\U0010ffff"),
    *(True, False, 0, -1, 2**53 + 1, 2**63 - 1, -(2**63)),
    *(0.0, -0.0, 0.1, 1e-7, 1e22, 1.7976931348623157e308, 5e-324, 2.5, 100.0, 1 / 3),
    *([], [[], {}], [1, "a", None, True, 2.5], (1, (2, 3)), Point(1, 2)),
    *({}, {"a": {"b": [{"c": None}]}}, {"": 1, "é😀": 2, "with.dot": 3}),
    *(Size.SMALL, Colour.RED, Money(9.99), OrderedDict(a=1)),
]


def received(client: Client, sandbox: Sandbox, value: object) -> Any:
    """The value as the sandbox holds it after a trip as a property."""
    row = {"external_id": "1", "properties": {"value": value}}
    report = client.bulk.import_profiles([row], wait=False)
    assert report.accepted == 1, list(report.failures())
    [profile] = sandbox.profiles()
    return profile["properties"]["value"]


def test_values_of_json_arrive_as_json_would_send_them(client: Client, sandbox: Sandbox) -> None:
    properties = {f"value {index}": value for index, value in enumerate(JSON_VALUES)}
    report = client.bulk.import_profiles([{"external_id": "1", "properties": properties}])

    assert report.completed == 1, list(report.failures())
    [profile] = sandbox.profiles()
    expected = json.loads(json.dumps(properties))
    assert profile["properties"] == expected
    # Equality takes 1, 1.0 and True for the same.
    assert json.dumps(profile["properties"], sort_keys=True) == json.dumps(expected, sort_keys=True)


class Zulu(dt.datetime):
    """Writes its zone in its own way."""

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return super().isoformat(sep, timespec).removesuffix("+00:00") + "Z"


class Local(dt.datetime):
    """Does not write its zone, which is another than UTC."""

    def isoformat(self, sep: str = "T", timespec: str = "auto") -> str:
        return self.replace(tzinfo=None).strftime("%Y-%m-%dT%H:%M:%S")


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (dt.datetime(2026, 11, 1, 9, 30), "2026-11-01T09:30:00Z"),  # noqa: DTZ001
        (dt.datetime(1, 1, 1, 0, 0, 0, 5), "0001-01-01T00:00:00.000005Z"),  # noqa: DTZ001
        (Zulu(2026, 11, 1, tzinfo=dt.timezone.utc), "2026-11-01T00:00:00Z"),
        (
            Local(2026, 11, 1, tzinfo=dt.timezone(dt.timedelta(hours=2))),
            "2026-11-01T00:00:00+02:00",
        ),
        (Local(2026, 11, 1), "2026-11-01T00:00:00Z"),
        (
            dt.datetime(2026, 11, 1, 9, 30, 0, 5, dt.timezone.utc),
            "2026-11-01T09:30:00.000005+00:00",
        ),
        (
            dt.datetime(2026, 11, 1, tzinfo=dt.timezone(dt.timedelta(hours=-5))),
            "2026-11-01T00:00:00-05:00",
        ),
        (dt.date(2026, 11, 1), "2026-11-01"),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (Shape.ROUND, ["circle", 1]),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        (UserDict(a=None), {"a": None}),
        (Decimal("11.77"), 11.77),
        (Decimal("12.300"), 12.3),
        (Decimal("-0.000001"), -1e-06),
        (Decimal("1E+3"), 1000.0),
        (Decimal("42"), 42),
        (Decimal(2**63 - 1), 2**63 - 1),
        (Decimal("123456789012.345"), 123456789012.345),
    ],
)
def test_values_that_json_lacks(
    client: Client, sandbox: Sandbox, value: object, sent: object
) -> None:
    arrived = received(client, sandbox, value)
    assert arrived == sent
    assert type(arrived) is type(sent)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (Decimal("0.12345678901234567890"), "inexact_number"),
        (Decimal("9007199254740993.5"), "inexact_number"),
        (Decimal("1E+400"), "inexact_number"),
        (Decimal(2**63), "integer_out_of_range"),
        (Decimal("NaN"), "not_finite"),
        (Decimal("sNaN"), "not_finite"),
        (Decimal("-Infinity"), "not_finite"),
    ],
)
def test_a_decimal_is_exact_or_not_sent(client: Client, value: Decimal, code: str) -> None:
    rows = [{"external_id": "1", "properties.x": value}]
    [failure] = client.bulk.import_profiles(rows).failures()
    assert (failure.code, failure.pointer) == (code, "properties.x")


def test_a_row_may_be_any_mapping(client: Client, sandbox: Sandbox) -> None:
    rows = [UserDict(external_id="1"), MappingProxyType({"external_id": "2"})]
    assert client.bulk.import_profiles(rows, wait=False).accepted == 2
    assert [profile["external_id"] for profile in sandbox.profiles()] == ["1", "2"]


def test_a_dict_may_change_while_it_is_read(client: Client, sandbox: Sandbox) -> None:
    properties: dict[str, object] = {}

    class Growing(enum.Enum):
        VALUE = "first"

        @property
        def value(self) -> str:
            properties["more"] = 1
            return "read"

    properties["first"] = Growing.VALUE
    rows = [{"external_id": "1", "properties": properties}]
    assert client.bulk.import_profiles(rows, wait=False).accepted == 1
    [profile] = sandbox.profiles()
    assert profile["properties"] == {"first": "read"}


@pytest.mark.parametrize(
    "wrap", [lambda value: value, lambda value: [value], lambda value: {"in": value}]
)
def test_a_dict_that_changes_before_its_end_is_rejected(
    client: Client, wrap: Callable[[object], object]
) -> None:
    properties: dict[str, object] = {}

    class Growing(enum.Enum):
        VALUE = "first"

        @property
        def value(self) -> str:
            properties[f"more {len(properties)}"] = 1
            return "read"

    properties |= {"first": wrap(Growing.VALUE), "second": 2}
    rows = [
        {"external_id": "1", "properties": {"plain": 1}},
        {"external_id": "2", "properties": properties},
    ]
    report = client.bulk.import_profiles(rows, wait=False)
    assert (report.accepted, report.rejected) == (1, 1)
    [failure] = report.failures()
    assert "changed while it was read" in failure.detail


def test_a_time_may_be_a_datetime(client: Client, sandbox: Sandbox) -> None:
    time = dt.datetime(2025, 1, 1, 12, tzinfo=dt.timezone.utc)
    row = {"metric": "Viewed", "external_id": "1", "time": time, "value": Decimal("9.99")}
    assert client.bulk.create_events([row]).accepted == 1
    [event] = sandbox.events("Viewed")
    assert (event["time"], event["value"]) == ("2025-01-01T12:00:00Z", 9.99)
