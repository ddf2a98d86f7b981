"""Every example runs, and so does what wheels are trained with."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"


def test_cdnow() -> None:
    """A real shop's history arrives whole, under Klaviyo's limits, and none is answered 429."""
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / "cdnow.py"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr

    lines = dict(re.findall(r"^(\D+?)  +(\S.*\S)$", done.stdout, re.MULTILINE))
    figures = {name: cells.split() for name, cells in lines.items()}
    assert figures["profiles"] == ["23,570"] * 2
    assert figures["events"] == ["69,659"] * 2
    assert figures["value in USD"] == ["2,500,315.63"] * 2
    assert figures["CDs"] == ["167,881"] * 2
    assert "answered 429                   0               0" in done.stdout


def test_quickstart() -> None:
    """What an installed wheel is tried with."""
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / "quickstart.py"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "row 2 rejected: email: " in done.stdout


def test_all_examples_are_tested() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {"cdnow.py", "quickstart.py"}


def test_training() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", ROOT / "benches" / "training.py", "--rows", "300"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
