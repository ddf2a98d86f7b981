"""A row that cannot be sent ends `rejected` with its number, the field and the reason.

The others go through.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any, cast

import pytest

from klaviyo_py import Client, Sandbox

GOOD: dict[Any, object] = {"email": "ada@shop.example"}


@dataclass
class Customer:
    email: str


def holds_itself() -> list[Any]:
    values: list[Any] = []
    values.extend([values, values])
    return values


def holds_its_row() -> dict[Any, object]:
    row = dict(GOOD)
    # Many ways around: whoever goes them all does not come to an end.
    row["properties.row"] = [[row] * 100] * 100
    return row


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


# What is wrong, the row, and the code and field of the failure.
ROWS: dict[str, tuple[object, str, str]] = {
    "no identifier": ({"first_name": "Ada"}, "missing_identifier", ""),
    "a bad address": ({"email": "ada@shop"}, "invalid_email", "email"),
    "a bad number": ({"phone_number": "555-0123"}, "invalid_phone_number", "phone_number"),
    "over 100 KB": ({**GOOD, "properties": {"note": "x" * 100_000}}, "too_large", ""),
    "an unknown name": ({**GOOD, "firstname": "Ada"}, "unknown_field", "firstname"),
    "a wrong type": ({**GOOD, "first_name": 5}, "wrong_type", "first_name"),
    "a name given twice": (
        {**GOOD, "properties.a": 1, "properties": {"a": 2}},
        "duplicate_field",
        "properties.a",
    ),
    "no dict but a list": ([GOOD], "not_an_object", ""),
    "no dict but a text": ("ada@shop.example", "not_an_object", ""),
    "no dict but None": (None, "not_an_object", ""),
    "no dict but a dataclass": (Customer("ada@shop.example"), "not_an_object", ""),
    "NaN": ({**GOOD, "properties.x": float("nan")}, "not_finite", "properties.x"),
    "infinity": ({**GOOD, "properties": {"x": -float("inf")}}, "not_finite", "properties.x"),
    "over 64 bits": ({**GOOD, "properties.x": 2**63}, "integer_out_of_range", "properties.x"),
    "far over": ({**GOOD, "properties.x": -(2**200)}, "integer_out_of_range", "properties.x"),
    "half a character": ({**GOOD, "properties.x": "\ud83d"}, "lone_surrogate", "properties.x"),
    "half a character in an address": ({"email": "\ude00@shop.example"}, "lone_surrogate", "email"),
    "half a character in a name": ({**GOOD, "\ud83d": 1}, "lone_surrogate", ""),
    "a name that is no text": ({**GOOD, 5: 1}, "invalid_name", ""),
    "bytes": ({**GOOD, "properties.x": b"x"}, "unsupported_value", "properties.x"),
    "a set": ({**GOOD, "properties.x": {1}}, "unsupported_value", "properties.x"),
    "an object": ({**GOOD, "properties.x": [object()]}, "unsupported_value", "properties.x"),
    "too deep": ({**GOOD, "properties.x": nested(11)}, "too_deep", "properties.x"),
    "itself": ({**GOOD, "properties.x": holds_itself()}, "circular_value", "properties.x"),
    "its own row": (holds_its_row(), "circular_value", "properties.row"),
}


def test_each_has_its_own_reason_and_the_others_go_through(
    client: Client, sandbox: Sandbox
) -> None:
    rows: list[Any] = [GOOD]
    for row, _, _ in ROWS.values():
        rows += [row, {"external_id": str(len(rows))}]

    report = client.bulk.import_profiles(rows, wait=False)

    failures = list(report.failures())
    expected = [
        (2 * index + 1, code, field) for index, (_, code, field) in enumerate(ROWS.values())
    ]
    assert [(f.row, f.code, f.pointer) for f in failures] == expected
    assert {failure.outcome for failure in failures} == {"rejected"}
    assert all(failure.detail for failure in failures)
    assert report.rejected == len(ROWS)
    assert report.accepted == sandbox.state()["profiles"] == len(ROWS) + 1


def test_what_can_be_done_is_said(client: Client) -> None:
    rows: list[Any] = [{**GOOD, "firstname": "Ada"}, Customer("ada@shop.example")]

    report = client.bulk.import_profiles(rows)

    unknown, customer = report.failures()
    assert '"first_name"' in unknown.detail
    assert "dataclasses.asdict(row)" in customer.detail
    assert Customer.__qualname__ in customer.detail


def test_the_row_is_kept_for_another_try(client: Client) -> None:
    row = {"email": "ada@shop", "properties": {"tags": ["a", None], "né": 1.5}}

    [failure] = client.bulk.import_profiles([row]).failures()

    assert failure.item == row
    assert failure.item_json is not None


def test_an_exception_inside_a_row_rejects_the_row(client: Client) -> None:
    class Colour(enum.Enum):
        RED = "red"

        @property
        def value(self) -> str:
            raise LookupError("the session is closed")

    [failure] = client.bulk.import_profiles([{**GOOD, "properties.x": Colour.RED}]).failures()

    assert (failure.code, failure.pointer) == ("unreadable_value", "properties.x")
    assert "the session is closed" in failure.detail


def test_a_dict_that_is_changed_while_it_is_read_is_rejected(client: Client) -> None:
    row: dict[str, object] = {**GOOD}

    class Shape(enum.Enum):
        ROUND = "circle"

        @property
        def value(self) -> str:
            row["last_name"] = "Lovelace"
            return "circle"

    row["properties.shape"] = Shape.ROUND
    row["first_name"] = "Ada"
    report = client.bulk.import_profiles([row, {"external_id": "1"}])

    [failure] = report.failures()
    assert (failure.row, failure.code) == (0, "unsupported_value")
    assert "changed" in failure.detail


@pytest.mark.parametrize(
    ("rows", "hint"),
    [
        (GOOD, "[row]"),
        (b"", "PathLike"),
        (5, "generator"),
    ],
)
def test_what_cannot_be_rows_is_a_type_error(client: Client, rows: object, hint: str) -> None:
    with pytest.raises(TypeError, match="rows must be an iterable of dicts") as error:
        client.bulk.import_profiles(cast(Any, rows))
    assert hint in str(error.value)
