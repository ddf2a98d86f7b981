"""Values that come out of arrays and frames: numpy's scalars, and what pandas has for none.

Neither package is needed: whoever has no such values need not install them.
"""

from __future__ import annotations

import subprocess
import sys
from array import array
from collections import UserString, deque
from typing import Any

import pytest

from klaviyo_py import Client, Sandbox
from missing import required
from test_values import received

np = required("numpy")
pd = required("pandas")

NUMPY: list[tuple[Any, object]] = [
    (np.int8(-5), -5),
    (np.int64(2**63 - 1), 2**63 - 1),
    (np.uint16(65_535), 65_535),
    (np.uint64(2**63 - 1), 2**63 - 1),
    (np.bool_(True), True),
    (np.float64(0.1), 0.1),
    # The digits that name it among its own kind, not 0.10000000149011612.
    (np.float32(0.1), 0.1),
    (np.float16(0.5), 0.5),
    (np.str_("text"), "text"),
    (np.array([1, 2]), [1, 2]),
    (np.array([[True], [False]]), [[True], [False]]),
    (np.array(["a", None], dtype=object), ["a", None]),
    (np.array([]), []),
    (np.datetime64("2026-11-01"), "2026-11-01"),
    (np.datetime64("2026-11"), "2026-11-01"),
    (np.datetime64("2026-11-01T09:30"), "2026-11-01T09:30:00Z"),
    (np.datetime64("2026-11-01T09:30:00.5"), "2026-11-01T09:30:00.500000Z"),
    (np.datetime64("2026-11-01T09:30", "ns"), "2026-11-01T09:30:00Z"),
    (np.datetime64("2026-11-01T09:30:00.123456789"), "2026-11-01T09:30:00.123456789Z"),
    (np.array(["2026-11-01"], dtype="datetime64[D]"), ["2026-11-01"]),
]
PANDAS: list[tuple[Any, object]] = [
    (pd.Timestamp("2026-11-01 09:30"), "2026-11-01T09:30:00Z"),
    (pd.Timestamp("2026-11-01 09:30", tz="Europe/Berlin"), "2026-11-01T09:30:00+01:00"),
    (pd.Timestamp("2026-11-01 09:30:00.123456789"), "2026-11-01T09:30:00.123456789Z"),
    ([pd.NA, pd.NaT, np.datetime64("NaT"), 1], [None, None, None, 1]),
]
SEQUENCES: list[tuple[Any, object]] = [
    (deque([1, 2]), [1, 2]),
    (range(3), [0, 1, 2]),
    (array("d", [0.5]), [0.5]),
    (UserString("text"), "text"),
]


@pytest.mark.parametrize(("value", "sent"), NUMPY + PANDAS + SEQUENCES, ids=repr)
def test_what_has_a_form_in_json_is_sent(
    client: Client, sandbox: Sandbox, value: object, sent: object
) -> None:
    arrived = received(client, sandbox, value)
    assert arrived == sent
    assert type(arrived) is type(sent)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (np.float32("nan"), "not_finite"),
        (np.float64("inf"), "not_finite"),
        (np.array([1.0, np.nan]), "not_finite"),
        (np.uint64(2**63), "integer_out_of_range"),
        (np.timedelta64(1, "ns"), "unsupported_value"),
        (np.timedelta64("NaT"), "unsupported_value"),
        (np.datetime64("2026-11-01T09:30:00.123456789012"), "unsupported_value"),
        (np.datetime64(2**60, "s"), "unsupported_value"),
        (np.complex64(1), "unsupported_value"),
        (np.longdouble(1) / 3, "unsupported_value"),
        (np.bytes_(b"ab"), "unsupported_value"),
        (np.array(1), "unsupported_value"),
        (np.zeros(1, dtype="i4,f4")[0], "unsupported_value"),
        (pd.Timedelta(1), "unsupported_value"),
        (pd.Series([1]), "unsupported_value"),
        (memoryview(b"ab"), "unsupported_value"),
        (bytearray(b"ab"), "unsupported_value"),
        (np.zeros((1,) * 11), "too_deep"),
    ],
    ids=repr,
)
def test_what_has_none_rejects_its_row(client: Client, value: object, code: str) -> None:
    rows = [{"external_id": "1", "properties.x": value}]
    [failure] = client.bulk.import_profiles(rows).failures()
    assert (failure.code, failure.pointer) == (code, "properties.x")


def test_fields_take_them_too(client: Client, sandbox: Sandbox) -> None:
    row = {"external_id": np.str_("1"), "first_name": pd.NA, "location.latitude": np.float64(51.5)}
    assert client.bulk.import_profiles([row]).completed == 1
    [profile] = sandbox.profiles()
    assert profile.get("first_name") is None
    assert profile["attributes"]["location"]["latitude"] == 51.5
    event = {"metric": "Seen", "external_id": "1", "time": pd.Timestamp("2026-11-01", tz="UTC")}
    assert client.bulk.create_events([event | {"value": np.float32(9.99)}]).accepted == 1
    [seen] = sandbox.events("Seen")
    assert (seen["time"], seen["value"]) == ("2026-11-01T00:00:00Z", 9.99)


def test_records_of_a_frame_are_rows(client: Client, sandbox: Sandbox) -> None:
    frame = pd.DataFrame(
        {"external_id": ["1", "2"], "properties.at": pd.to_datetime(["2026", None])}
    )
    rows = frame.to_dict("records")
    assert client.bulk.import_profiles(rows).completed == 2
    ats = [profile["properties"].get("at") for profile in sandbox.profiles()]
    assert ats == ["2026-01-01T00:00:00Z", None]


def test_neither_package_is_imported() -> None:
    program = """
import sys
from collections import deque
from klaviyo_py import Client
rows = [{"email": "ada@shop.example", "properties.x": deque([1])}]
assert Client("pk_x").bulk.plan.import_profiles(rows).batches == 1
assert not {"numpy", "pandas", "pyarrow"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
