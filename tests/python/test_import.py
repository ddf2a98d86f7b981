"""The package's import, which is to take no longer than it must."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

import klaviyo_py


def fresh(expression: str) -> Any:
    """The value of an expression in an interpreter that has imported nothing but the package."""
    program = f"import klaviyo_py\nvalue = {expression}\nimport json\nprint(json.dumps(value))"
    told = subprocess.run(
        [sys.executable, "-I", "-c", program], check=True, stdout=subprocess.PIPE, timeout=60
    )
    return json.loads(told.stdout)


def test_modules_that_take_long_are_left_until_they_are_needed() -> None:
    loaded = fresh("list(__import__('sys').modules)")
    assert "klaviyo_py.client" in loaded
    late = {"asyncio", "dataclasses", "inspect", "json", "logging", "pathlib", "urllib.request"}
    assert late.isdisjoint(loaded)


@pytest.mark.parametrize("name", ["Sandbox", "Report", "OAuth", "Job", "Plan", "AsyncBulk"])
def test_names_that_come_late_are_there_at_the_first_asking(name: str) -> None:
    assert fresh(f"[klaviyo_py.{name}.__name__, {name!r} in dir(klaviyo_py)]") == [name, True]


def test_every_name_is_there() -> None:
    for name in klaviyo_py.__all__:
        assert getattr(klaviyo_py, name) is not None


def test_modules_are_attributes() -> None:
    assert fresh("klaviyo_py.report.Report is klaviyo_py.Report") is True


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="'klaviyo_py' has no attribute 'Sandbocks'"):
        klaviyo_py.Sandbocks  # type: ignore[attr-defined]  # noqa: B018
