"""Ctrl-C ends a run at once, wherever it is, and leaves a report."""

from __future__ import annotations

import json

import pytest

from children import run

# The run in `{call}` is interrupted as soon as the sandbox's state fulfils `{when}`.
PROGRAM = """
import itertools, json, os, signal, threading
from klaviyo_py import Client, Sandbox

# Whoever starts the tests in the background has them ignore Ctrl-C, and what they start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)
with Sandbox(limits={limits}, job_seconds=3600) as sandbox:
    client = sandbox.client()
    ended = threading.Event()

    def interrupt():
        while not ended.is_set():
            state = sandbox.state()
            if {when}:
                os.kill(os.getpid(), signal.SIGINT)
                return

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        {call}
    except KeyboardInterrupt as error:
        report = error.report
        counts = {{name: getattr(report, name) for name in
                   ("rows", "completed", "accepted", "failed", "rejected", "unknown")}}
        held = sandbox.state()
        print(json.dumps([counts, held["events"], held["profiles"]]))
    finally:
        ended.set()
        thread.join()
"""


@pytest.mark.parametrize("limits", [True, False])
def test_while_rows_are_read_and_sent(limits: bool) -> None:
    call = """client.bulk.create_events(
            {"metric": "Viewed", "external_id": str(n)} for n in itertools.count())"""
    program = PROGRAM.format(limits=limits, when='state["events"] >= 2000', call=call)

    counts, events, _ = json.loads(run(program))

    assert counts["rows"] == sum(counts.values()) - counts["rows"]
    assert counts["accepted"] >= 1000
    # What was under way may have arrived or not, and is said to be unknown.
    assert counts["accepted"] <= events <= counts["accepted"] + counts["unknown"]


def test_while_jobs_are_waited_for() -> None:
    call = 'client.bulk.import_profiles([{"external_id": "1"}])'
    program = PROGRAM.format(limits=True, when='state["jobs"]["queued"]', call=call)

    counts, _, _ = json.loads(run(program))

    assert (counts["rows"], counts["accepted"]) == (1, 1)


def test_while_a_limit_is_waited_for() -> None:
    """The events beyond the first second's wait for the next one, and end with Ctrl-C."""
    call = """client.bulk.create_events(
            [{"metric": "Viewed", "external_id": str(n)} for n in range(30_000)])"""
    program = PROGRAM.format(limits=True, when='state["events"] >= 10_000', call=call)

    counts, events, _ = json.loads(run(program))

    assert events < 30_000
    assert counts["accepted"] <= events <= counts["accepted"] + counts["unknown"]
