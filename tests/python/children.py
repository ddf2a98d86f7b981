"""Python programs in processes of their own, for what would hurt the test's process."""

from __future__ import annotations

import subprocess
import sys
from textwrap import dedent

# Longer than any of them takes on a slow machine; only a hang gets there.
PATIENCE = 60


def run(program: str) -> str:
    """Runs a program and gives what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", dedent(program)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
