"""What the tests share: a sandbox without rate limits, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from klaviyo_py import Client, Sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox(limits=False, job_seconds=0) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    """A sandbox that holds nothing yet."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> Client:
    return sandbox.client()
