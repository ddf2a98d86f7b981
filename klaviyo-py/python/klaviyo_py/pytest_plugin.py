"""Fixtures for tests of pipelines: a Klaviyo of their own, empty at the start of each test.

pytest finds them by itself wherever klaviyo-py is installed:

    def test_nightly_import(klaviyo_sandbox, monkeypatch):
        monkeypatch.setenv("KLAVIYO_API_KEY", klaviyo_sandbox.api_key)
        nightly_import(base_url=klaviyo_sandbox.url)
        assert klaviyo_sandbox.state()["profiles"] == 3

What a test wants of it otherwise, it says by a mark with the arguments of `Sandbox`:

    @pytest.mark.klaviyo_sandbox(limits=True, job_seconds=1)
    def test_under_limits(klaviyo_sandbox): ...
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from klaviyo_py import Client, Sandbox

MARK = "klaviyo_sandbox"

# A test is to be fast, and wants to wait neither for limits nor for jobs.
FAST: dict[str, Any] = {"limits": False, "job_seconds": 0.0}


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(**settings): the arguments of klaviyo_py.Sandbox for the fixture of this name; "
        "unless they say otherwise it has no limits, and jobs end at once",
    )


@pytest.fixture
def klaviyo_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A `klaviyo_py.Sandbox` for this test alone.

    It has no rate limits and its jobs end at once; `@pytest.mark.klaviyo_sandbox(...)` on the test,
    its class or module says otherwise. `state()`, `profiles()` and `events()` tell what it holds.
    """
    with Sandbox(**settings(request)) as sandbox:
        yield sandbox


@pytest.fixture
def klaviyo_client(klaviyo_sandbox: Sandbox) -> Iterator[Client]:
    """A `klaviyo_py.Client` of the test's sandbox."""
    with klaviyo_sandbox.client() as client:
        yield client


def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the marks say, the nearest to the test last."""
    chosen = dict(FAST)
    for mark in reversed(list(request.node.iter_markers(MARK))):
        if mark.args:
            raise pytest.UsageError(f"mark {MARK} takes keyword arguments, those of Sandbox")
        chosen |= mark.kwargs
    return chosen
