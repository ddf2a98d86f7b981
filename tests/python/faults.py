"""Letting something go wrong in a sandbox."""

from __future__ import annotations

import json
from urllib.request import Request, urlopen

from klaviyo_py import Sandbox


def inject(sandbox: Sandbox, **fault: object) -> None:
    """Asks for a fault, given by its fields."""
    body = json.dumps(fault).encode()
    headers = {"Content-Type": "application/json"}
    urlopen(Request(f"{sandbox.url}/_sandbox/faults", body, headers)).close()
