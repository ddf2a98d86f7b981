"""A thousand rows of the kind that breaks importers, and which of them each source can hold."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

WORDS = [
    *("text", " blanks around ", "two\nlines", "tab\tand\rreturn", 'quote " and \\', "a,b;c|d"),
    *("'", '"', '""', "é", "日本語", "😀", "\U0010ffff", "\u2028\u2029", "\ufeffBOM", "a\u0301"),
    *("null", "None", "NaN", "NULL", "N/A", "true", "1", "01", "1e5", "0x10", "-", "=1+1"),
    *("[1]", '{"a":1}', "{}", "[]", "\\n", "\\u0041", "#", "//", "<b>", "%s", "x" * 5000),
    *(
        "$unsendable",
        "__proto__",
        "../..",
        "ﬀ",
        "\u200bzero width",
        "\u202eright to left",
        "ß",
        "İ",
    ),
]
CONTROLS_AND_SIGNS = [f"a{chr(code)}z" for code in range(128) if not chr(code).isalnum()]
OTHER_PLANES = [
    f"a{chr(code)}z" for code in (*range(0x80, 0xD800, 0x400), *range(0xE000, 0x110000, 0x8FFF))
]
TEXTS = WORDS + CONTROLS_AND_SIGNS + OTHER_PLANES
# Those that differ by capitals only are one to some databases, and in C a text ends at NUL.
NAMES = dict.fromkeys(text.lower() for text in TEXTS if "\0" not in text)
INTEGERS = [
    *(0, -1, 1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)),
    *(sign * 10**power for power in range(1, 19) for sign in (1, -1)),
]
FLOATS = [
    *(0.0, -0.0, 0.1, -0.1, 1e-7, 1e22, 1.7976931348623157e308, 5e-324, 2.5, 100.0, 1 / 3, 1e16),
    *(float("nan"), float("inf"), float("-inf")),
    *(3.3 * 10.0**power for power in range(-300, 301, 30)),
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
    {"properties.a\0z": "x"},
    {"properties.Text": "x", "properties.tExt": "y"},
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
    *(Decimal("9.99"), Decimal("12.50"), Decimal("-0.01"), Decimal("1234567890.12345678901")),
    *(b"ab", [dt.date(2026, 10, 31)], {"at": dt.date(2026, 10, 31)}, [Decimal("9.99")], [b"ab"]),
]


def numbered(rows: list[Row]) -> list[Row]:
    return [{"external_id": str(number)} | row for number, row in enumerate(rows)]


def properties(values: list[Any], prefix: str) -> list[Row]:
    """A row for each value, each under a name of its own: so columns have one type."""
    return [{f"properties.{prefix}{number}": value} for number, value in enumerate(values)]


def of_one_column(name: str, values: list[Any]) -> list[Row]:
    return [{name: value} for value in values]


FLAT: list[Row] = [
    *of_one_column("properties.text", TEXTS),
    *of_one_column("first_name", TEXTS),
    *of_one_column("location.region", TEXTS),
    *of_one_column("email", [f"{text}@shop.example" for text in TEXTS]),
    *({f"properties.{name}": "named"} for name in NAMES),
    *of_one_column("properties.integer", INTEGERS),
    *of_one_column("properties.float", FLOATS),
    *of_one_column("properties.flag", [True, False]),
    *FIELDS,
]
EVEN = [*FLAT, *of_one_column("properties.list", [[text] for text in TEXTS])]
EVEN += properties(NESTED, "nested")
NULLS = properties(ONLY_NULL, "null")

JSON_ROWS = numbered(EVEN + NULLS + UNEVEN)
FRAME_ROWS = numbered(EVEN + properties(TYPED, "typed"))
# Blanks around the names in a header are not part of them.
CSV_ROWS = numbered([row for row in EVEN + NULLS if all(name == name.strip() for name in row)])


def is_json(row: Row) -> bool:
    """Whether it holds no NaN and no infinity."""
    floats = (value for value in row.values() if isinstance(value, float))
    return all(math.isfinite(value) for value in floats)
