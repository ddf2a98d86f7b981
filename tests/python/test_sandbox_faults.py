"""Faults that are asked for in Python."""

from __future__ import annotations

from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from klaviyo_py import Client, Sandbox, ServerError
from klaviyo_py._klaviyo import REVISION


def test_a_fault_strikes_as_asked(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject("server_error", operation="get_lists", after=1, times=1, status=503)
    once = client.with_options(max_retries=0)
    once.lists.get_lists()
    once.profiles.get_profiles()
    with pytest.raises(ServerError):
        once.lists.get_lists()
    once.lists.get_lists()
    [fault] = sandbox.faults()
    assert (fault["kind"], fault["seen"], fault["struck"]) == ("server_error", 2, 1)


def test_faults_are_taken_back(sandbox: Sandbox, client: Client) -> None:
    sandbox.inject("throttle", seconds=3600, as_date=True)
    sandbox.clear_faults()
    assert sandbox.faults() == []
    client.lists.get_lists()


def test_a_throttle_may_leave_out_when_to_come_again(sandbox: Sandbox) -> None:
    sandbox.inject("throttle")
    request = Request(
        f"{sandbox.url}/api/lists",
        headers={"Authorization": f"Klaviyo-API-Key {sandbox.api_key}", "revision": REVISION},
    )
    with pytest.raises(HTTPError) as refused:
        build_opener(ProxyHandler({})).open(request)
    with refused.value as answer:
        assert (answer.code, answer.headers["Retry-After"]) == (429, None)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "earthquake"}, "no kind earthquake; there are latency, throttle, "),
        ({"kind": "latency"}, "millis"),
        ({"kind": "latency", "millis": 1, "seconds": 1}, "no field seconds; it has kind, millis, "),
        ({"kind": "latency", "milis": 1}, r"did you mean millis\?"),
        ({"kind": "latency", "millis": "1"}, "millis is a whole number"),
        ({"kind": "throttle", "as_date": True}, "none are given"),
        ({"kind": "server_error", "status": 200}, "from 500 to 599"),
        ({"kind": "reset_after_reading", "operation": "get_everything"}, "get_everything"),
        ({"kind": "reset_after_reading", "chance": 0}, "chance is above 0"),
    ],
)
def test_a_fault_that_could_never_strike(
    fault: dict[str, Any], reason: str, sandbox: Sandbox
) -> None:
    with pytest.raises(ValueError, match=reason):
        sandbox.inject(**fault)
    assert sandbox.faults() == []
