"""Any value of a property: within the caps it arrives as `json` would send it, else it says why."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from klaviyo_py import Client, Sandbox

# The same examples each time, so that what fails here fails everywhere.
settings.register_profile(
    "same",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
same = settings.get_profile("same")

NESTING = 10

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)


def nested(levels: int) -> st.SearchStrategy[Any]:
    """Values that lie no deeper than so many lists and dicts."""
    if levels == 0:
        return SCALARS
    inner = st.deferred(lambda: nested(levels - 1))
    lists = st.lists(inner, max_size=3)
    return SCALARS | lists | lists.map(tuple) | st.dictionaries(TEXTS, inner, max_size=3)


PROPERTIES = st.dictionaries(TEXTS, nested(NESTING), max_size=6)


def exact(value: object) -> str:
    """A value as text: 1, 1.0 and True are equal to Python."""
    return json.dumps(value, sort_keys=True)


@same
@given(given_properties=st.lists(PROPERTIES, min_size=1, max_size=20))
def test_within_the_caps_it_arrives_as_json_would_have_sent_it(
    client: Client, sandbox: Sandbox, given_properties: list[dict[str, Any]]
) -> None:
    sandbox.reset()
    rows: list[dict[str, Any]] = [
        {"external_id": str(number), "properties": properties}
        for number, properties in enumerate(given_properties)
    ]
    report = client.bulk.import_profiles(rows, wait=False)
    assert report.accepted == len(rows), list(report.failures())
    held = {profile["external_id"]: profile for profile in sandbox.profiles()}
    for row in rows:
        # None is left out of the properties, as of the fields; inside of a property it is data.
        given_here = row["properties"].items()
        sent = {name: value for name, value in given_here if value is not None}
        arrived = held[row["external_id"]].get("properties") or {}
        assert exact(arrived) == exact(json.loads(json.dumps(sent)))


def in_lists(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


def circular() -> Any:
    value: dict[str, Any] = {}
    value["it"] = [value]
    return value


BEYOND: dict[str, st.SearchStrategy[Any]] = {
    "not_finite": st.sampled_from([float("nan"), float("inf"), -float("inf"), Decimal("NaN")]),
    "integer_out_of_range": st.integers(min_value=2**63) | st.integers(max_value=-(2**63) - 1),
    "lone_surrogate": st.text(st.characters(categories=["Cs"]), min_size=1),
    "inexact_number": st.sampled_from([Decimal("1E+400"), Decimal("0.12345678901234567890")]),
    "unsupported_value": st.binary() | st.sets(st.none()) | st.complex_numbers() | st.timedeltas(),
    "invalid_name": st.dictionaries(st.none() | st.integers() | st.floats(), st.none(), min_size=1),
    "too_deep": st.integers(NESTING + 1, 3 * NESTING).map(in_lists),
    "circular_value": st.builds(circular),
    "too_large": st.integers(100_000, 200_000).map("x".__mul__),
    "unmended_value": st.builds(dict, st.just([("$unsendable", "not_finite: ...")])),
}


def put(value: Any, way: list[str]) -> Any:
    """The value in lists and dicts."""
    for step in reversed(way):
        value = [step, value] if step < "n" else {step: value, "beside": None}
    return value


@same
@given(data=st.data(), way=st.lists(st.sampled_from("az"), max_size=3), beside=PROPERTIES)
@pytest.mark.parametrize("code", BEYOND)
def test_beyond_them_the_row_is_rejected_with_its_reason(
    client: Client, sandbox: Sandbox, code: str, data: Any, way: list[str], beside: dict[str, Any]
) -> None:
    value = put(data.draw(BEYOND[code]), way)
    properties = beside | {"beyond": value}
    plan = client.bulk.plan.import_profiles([{"external_id": "1", "properties": properties}])
    [failure] = plan.failures()
    field = "" if code == "too_large" else "properties.beyond"
    assert (failure.code, failure.pointer) == (code, field)
    assert plan.batches == 0


def as_isoformat(value: dt.datetime) -> str:
    return value.isoformat() + ("" if value.tzinfo else "Z")


FORMS: list[tuple[st.SearchStrategy[Any], Callable[[Any], object]]] = [
    (st.datetimes(), as_isoformat),
    (st.datetimes(timezones=st.timezones()), as_isoformat),
    (st.datetimes(timezones=st.timezones(), allow_imaginary=False), as_isoformat),
    (st.dates(), dt.date.isoformat),
    (st.times(), dt.time.isoformat),
    (st.uuids(), uuid.UUID.__str__),
    (st.decimals(-(10**6), 10**6, places=2, allow_nan=False), float),
    (st.integers(-(2**63), 2**63 - 1).map(Decimal), int),
]


@settings(same, max_examples=5)
@given(data=st.data())
@pytest.mark.parametrize(("values", "sent"), FORMS)
def test_what_json_lacks_has_one_form(
    client: Client, sandbox: Sandbox, data: Any, values: Any, sent: Callable[[Any], object]
) -> None:
    given_values = data.draw(st.lists(values, min_size=1, max_size=20))
    sandbox.reset()
    row = {"external_id": "1", "properties.values": given_values}
    assert client.bulk.import_profiles([row], wait=False).accepted == 1
    [profile] = sandbox.profiles()
    assert profile["properties"]["values"] == [sent(value) for value in given_values]


@pytest.mark.parametrize("leaf", [None, 7, "text", [], {}])
def test_the_deepest_that_may_be(client: Client, sandbox: Sandbox, leaf: Any) -> None:
    """The client counts levels as the sandbox does: arrays and objects, and not what they hold."""
    levels = NESTING - isinstance(leaf, list | dict)
    value = leaf
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    rows = [{"external_id": "1", "properties": {"p": value}}]
    assert client.bulk.import_profiles(rows).completed == 1
    [held] = sandbox.profiles(external_id="1")
    assert held["properties"]["p"] == value

    rows[0]["properties"] = {"p": [value]}
    [failure] = client.bulk.import_profiles(rows).failures()
    assert failure.code == "too_deep"
