"""A Klaviyo on this machine, for tests and demos.

`python -m klaviyo_py.sandbox` runs one by itself.
"""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from klaviyo_py._klaviyo import REVISION, SandboxServer
from klaviyo_py.client import Client
from klaviyo_py.sandbox._child import ChildServer

# Loopback never goes through a proxy, whatever the environment says.
_opener = build_opener(ProxyHandler({}))


class _Server(Protocol):
    """A running sandbox, wherever it runs."""

    @property
    def url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    def stop(self) -> None: ...


class Sandbox:
    """A Klaviyo on loopback that holds in memory what it is given, and lets you look at it.

    It keeps Klaviyo's rate limits, caps and job lifecycle. `port` 0 takes a free one;
    `limits=False` switches the rate limits off; an import job takes `job_seconds`. It runs on
    threads of this process, or with `separate_process=True` in a process of its own, which ends
    with this one, however that ends.

    Use it in a `with` block, or call `stop()`.

    >>> with Sandbox(job_seconds=0) as klaviyo:
    ...     report = klaviyo.client().bulk.import_profiles([{"email": "ada@shop.example"}])
    ...     klaviyo.state()["profiles"]
    1
    """

    def __init__(
        self,
        *,
        port: int = 0,
        limits: bool = True,
        job_seconds: float = 1.0,
        separate_process: bool = False,
    ) -> None:
        start = ChildServer if separate_process else SandboxServer
        self._server: _Server = start(port=port, limits=limits, job_seconds=job_seconds)

    @property
    def url(self) -> str:
        """Where it listens: `http://127.0.0.1:PORT`."""
        return self._server.url

    @property
    def api_key(self) -> str:
        """The private key that it takes."""
        return self._server.api_key

    def client(self) -> Client:
        """A client of this sandbox."""
        return Client(self.api_key, base_url=self.url)

    def state(self) -> dict[str, Any]:
        """What it holds and was asked: `profiles`, `events`, `dropped_events`, `lists`, `metrics`
        (each with its `count`, the sum `value`, and the sums of its numeric `properties`), `jobs`,
        and `requests` by operation with their `statuses`."""
        state: dict[str, Any] = self._ask("/_sandbox/state")
        return state

    def profiles(
        self, *, offset: int = 0, limit: int = 1000, **identifier: str
    ) -> list[dict[str, Any]]:
        """The profiles in the order of their creation; or the one with an identifier: `email=`,
        `phone_number=`, `external_id=`, `anonymous_id=` or `id=`."""
        query = urlencode({**identifier, "offset": offset, "limit": limit})
        profiles: list[dict[str, Any]] = self._ask(f"/_sandbox/profiles?{query}")
        return profiles

    def events(self, metric: str, *, offset: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """The events of a metric, in the order in which they came."""
        query = urlencode({"metric": metric, "offset": offset, "limit": limit})
        events: list[dict[str, Any]] = self._ask(f"/_sandbox/events?{query}")
        return events

    def create_list(self, name: str) -> str:
        """Creates a list and gives its id."""
        body = {"data": {"type": "list", "attributes": {"name": name}}}
        headers = {
            "Authorization": f"Klaviyo-API-Key {self.api_key}",
            "Content-Type": "application/vnd.api+json",
            "revision": REVISION,
        }
        answer = self._ask("/api/lists", json.dumps(body).encode(), headers)
        return str(answer["data"]["id"])

    def snapshot(self) -> bytes:
        """All that its account holds, as the content of a file; see `restore`. Requests counted,
        windows and faults are not in it."""
        with _opener.open(f"{self.url}/_sandbox/snapshot", timeout=60) as answer:
            content: bytes = answer.read()
        return content

    def restore(self, snapshot: bytes) -> None:
        """Puts what a snapshot holds in the place of what its account holds.

        ValueError says that it is no snapshot, or one of another version."""
        request = Request(f"{self.url}/_sandbox/snapshot", snapshot, method="PUT")
        try:
            _opener.open(request, timeout=60).close()
        except HTTPError as error:
            with error:
                reason = error.read().decode()
            raise ValueError(reason) from None

    def reset(self) -> None:
        """Forgets all that it holds, the requests, and how much of the limits is used up."""
        self._ask("/_sandbox/reset", b"")

    def stop(self) -> None:
        """Stops it and frees its port; what it held is gone."""
        self._server.stop()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Sandbox at {self.url}>"

    def _ask(
        self, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        request = Request(self.url + target, body, headers or {})
        with _opener.open(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if content else None
