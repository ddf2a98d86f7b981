"""A fork copies memory, not threads: what was made before it says so, instead of hanging."""

from __future__ import annotations

import os

import pytest

from children import run

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

PROGRAM = """
import os, warnings
from klaviyo_py import ConfigurationError, Sandbox

warnings.simplefilter("ignore", DeprecationWarning)  # since 3.12: fork beside threads
rows = [{"metric": "Viewed", "external_id": "1"}]
with Sandbox(limits=False) as sandbox:
    client = sandbox.client()
    client.bulk.create_events(rows)
    child = os.fork()
    if child == 0:
        try:
            client.bulk.create_events(rows)
        except ConfigurationError as error:
            print(error, flush=True)
        print(sandbox.client().bulk.create_events(rows).accepted, flush=True)
        sandbox.stop()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), client.bulk.create_events(rows).accepted)
    print(sandbox.state()["events"])
"""


def test_a_child_is_told_to_make_its_own() -> None:
    error, in_child, in_parent, events = run(PROGRAM).splitlines()
    assert "made before the process was forked" in error
    assert "make a new Client in this process" in error
    assert in_child == "1"
    assert in_parent == "0 1"
    assert events == "3"
