"""Klaviyo's own Node SDK at the sandbox."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from children import PATIENCE
from klaviyo_py import Sandbox
from missing import missing

SCRIPT = Path(__file__).parents[1] / "node" / "vendor_sdk.mjs"


def test_its_calls_are_answered_as_it_expects(sandbox: Sandbox) -> None:
    node = shutil.which("node")
    if node is None or not (SCRIPT.parent / "node_modules" / "klaviyo-api").exists():
        missing("node or klaviyo-api is not installed (npm install in tests/node)")
    command = [node, str(SCRIPT), sandbox.url, sandbox.api_key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    requests = sandbox.state()["requests"]
    answered = [
        name for name, counts in requests.items() if {"200", "201", "202"} & {*counts["statuses"]}
    ]
    assert len(answered) >= 12, sorted(answered)
