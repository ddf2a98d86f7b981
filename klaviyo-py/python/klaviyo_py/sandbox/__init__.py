"""A Klaviyo on this machine, for tests and demos.

`python -m klaviyo_py.sandbox` runs one by itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from klaviyo_py._klaviyo import REVISION, SandboxServer
from klaviyo_py.client import AsyncClient, Client
from klaviyo_py.exceptions import ConfigurationError
from klaviyo_py.sandbox._settings import (
    Chosen,
    Confirmation,
    JobErrorPointer,
    OnCompressedBody,
    OnKnownEvent,
    OnOversizedBody,
    OnRefresh,
    OnRepeatedEvent,
    OnTakenPhoneNumber,
    UnauthorizedCode,
    as_named_here,
    chosen,
    naming_settings,
)

if TYPE_CHECKING:
    from klaviyo_py.oauth import OAuth

NOT_FOUND = 404

SuppressionReason: TypeAlias = Literal[
    "HARD_BOUNCE", "INVALID_EMAIL", "SPAM_COMPLAINT", "UNSUBSCRIBE", "USER_SUPPRESSED"
]
"""Why no e-mail marketing reaches a profile."""

FaultKind: TypeAlias = Literal[
    "latency",
    "throttle",
    "server_error",
    "gateway_error",
    "reset_before_reading",
    "reset_while_reading",
    "reset_after_reading",
    "applied_but_lost",
    "truncated_answer",
    "never_ending_answer",
]
"""What can go wrong on request."""


class RefusedError(ValueError):
    """A sandbox cannot take what it is told; the message says why, `status` is the answer's."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class _Server(Protocol):
    """A running sandbox, wherever it runs."""

    @property
    def url(self) -> str: ...
    @property
    def api_key(self) -> str: ...
    @property
    def company(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def client_secret(self) -> str: ...
    @property
    def refresh_token(self) -> str: ...
    def stop(self) -> None: ...


class Sandbox:
    """A Klaviyo on loopback that holds in memory what it is given, and lets you look at it.

    It keeps Klaviyo's rate limits, caps and job lifecycle. `port` 0 takes a free one;
    `limits=False` switches the rate limits off; an import job takes `job_seconds`. It runs on
    threads of this process, or with `separate_process=True` in a process of its own, which ends
    with this one, however that ends.

    It takes `api_key` ("pk_sandbox"), which has all scopes unless `scopes` names some, such as
    "profiles:read"; `/client/…` takes the id `company` ("SNDBX1"). An app is let in, `oauth`: its
    access tokens live `access_token_lifetime` seconds, and `on_refresh="rotate"` gives it a new
    refresh token with each, which Klaviyo does not.

    `predictive_analytics_limits=False` leaves out the rate limit that requests for predictive
    analytics have of their own.

    What Klaviyo's documentation leaves open is chosen here, times in seconds. Windows of the rate
    limits are shifted by `window_alignment` (drawn); `refused_requests_count=True` counts requests
    answered 429 in them. A 401 has a code by its cause (`unauthorized_code="authentication_failed"`
    or `"not_authenticated"`: always that one). Bodies compressed with gzip get a 415
    (`compressed_body="take"`: they are taken), those over their cap a 413 with a JSON:API error
    (`oversized_body="html"` or `"empty"`: a page, or nothing). `any` takes `filter_any_values` in a
    filter (as many as the URL holds). A `unique_id` twice in one request refuses the request
    (`repeated_event="drop"`: the second event is dropped); one of an earlier request is dropped
    (`known_event="refuse"`). Another profile's phone number is an import error
    (`taken_phone_number="drop_number"` or `"refuse"`). Errors in jobs of the catalog and of coupon
    codes point at their row (`job_error_pointer="request"`: at the whole). Nobody confirms a double
    opt-in (`confirmation="given"`: everybody, at once). A suppression job shows as processing for
    `suppression_lag` after it took effect, as Klaviyo's may for hours.

    `sink=True` is for benchmarks: bulk profiles and events are counted and hashed, neither parsed
    nor kept. Ids, windows and faults are drawn from `seed`.

    `url` and `api_key` are what a client needs, and `client()` is one. `state()`, `profiles()` and
    `events()` look inside; `create_list()`, `create_segment()`, `set_segment_members()`,
    `suppress()` and `cancel_job()` bring about what a test needs; `inject()`, `faults()` and
    `clear_faults()` let something go wrong; `snapshot()`, `restore()` and `reset()` are about all
    that it holds. Whoever opens `url` in a browser can watch.

    What they cannot take raises RefusedError, a ValueError with the `status` of the answer.

    Use it in a `with` block, or call `stop()`; whatever is asked afterwards raises ConnectionError.

    >>> with Sandbox(job_seconds=0) as klaviyo:
    ...     report = klaviyo.client().bulk.import_profiles([{"email": "ada@shop.example"}])
    ...     klaviyo.state()["profiles"]
    1
    """

    @naming_settings
    def __init__(
        self,
        *,
        port: int = 0,
        limits: bool = True,
        job_seconds: float = 1.0,
        separate_process: bool = False,
        api_key: str | None = None,
        scopes: Iterable[str] | None = None,
        company: str | None = None,
        oauth: OAuth | None = None,
        access_token_lifetime: float = 3600.0,
        on_refresh: OnRefresh = "keep",
        window_alignment: float | None = None,
        refused_requests_count: bool = False,
        predictive_analytics_limits: bool = True,
        unauthorized_code: UnauthorizedCode = "by_cause",
        compressed_body: OnCompressedBody = "refuse",
        oversized_body: OnOversizedBody = "json_api",
        filter_any_values: int | None = None,
        repeated_event: OnRepeatedEvent = "refuse",
        known_event: OnKnownEvent = "drop",
        taken_phone_number: OnTakenPhoneNumber = "import_error",
        job_error_pointer: JobErrorPointer = "row",
        confirmation: Confirmation = "awaited",
        suppression_lag: float = 0.0,
        sink: bool = False,
        seed: int | None = None,
    ) -> None:
        settings = chosen(
            port=port,
            key=api_key,
            scopes=scopes,
            company=company,
            limits=limits,
            job_time=job_seconds,
            client_id=oauth.client_id if oauth else None,
            client_secret=oauth.client_secret if oauth else None,
            refresh_token=oauth.refresh_token if oauth else None,
            access_token_lifetime=access_token_lifetime,
            on_refresh=on_refresh,
            window_alignment=window_alignment,
            refused_requests_count=refused_requests_count,
            predictive_analytics_limits=predictive_analytics_limits,
            unauthorized_code=unauthorized_code,
            compressed_body=compressed_body,
            oversized_body=oversized_body,
            filter_any_values=filter_any_values,
            repeated_event=repeated_event,
            known_event=known_event,
            taken_phone_number=taken_phone_number,
            job_error_pointer=job_error_pointer,
            confirmation=confirmation,
            suppression_lag=suppression_lag,
            sink=sink,
            seed=seed,
        )
        try:
            self._server: _Server = _started(settings, separate_process)
        except ConfigurationError as error:
            raise ConfigurationError(as_named_here(str(error))) from None

    @classmethod
    def _at(cls, server: _Server) -> Sandbox:
        """What runs already."""
        sandbox = cls.__new__(cls)
        sandbox._server = server
        return sandbox

    @property
    def url(self) -> str:
        """Where it listens: `http://127.0.0.1:PORT`."""
        return self._server.url

    @property
    def api_key(self) -> str:
        """The private key that it takes."""
        return self._server.api_key

    @property
    def company(self) -> str:
        """The company's id, which requests to `/client/…` name in place of a key."""
        return self._server.company

    @property
    def oauth(self) -> OAuth:
        """The app that it lets in, for `Client(oauth=...)`.

        >>> client = Client(oauth=sandbox.oauth, base_url=sandbox.url)
        """
        # Only now: dataclasses take longer to import than all else here.
        from klaviyo_py.oauth import OAuth

        server = self._server
        return OAuth(server.client_id, server.client_secret, server.refresh_token)

    def client(self) -> Client:
        """A client of this sandbox."""
        return Client(self.api_key, base_url=self.url)

    def async_client(self) -> AsyncClient:
        """A client of this sandbox whose calls are awaited."""
        return AsyncClient(self.api_key, base_url=self.url)

    def state(self) -> dict[str, Any]:
        """What it holds and was asked: `profiles`, `events`, `dropped_events`, `lists`, `metrics`
        (each with its `count`, the sum `value`, and the sums of its numeric `properties`), `jobs`
        and other kinds of jobs, and `requests` by operation with their `statuses` and `callers`."""
        state: dict[str, Any] = self._look("state")
        return state

    def profiles(
        self, *, offset: int = 0, limit: int = 1000, **identifier: str
    ) -> list[dict[str, Any]]:
        """At most `limit` profiles in the order of their creation, from `offset` on; or the one
        with an identifier: `email=`, `phone_number=`, `external_id=`, `anonymous_id=` or `id=`."""
        profiles: list[dict[str, Any]] = self._look(
            "profiles", **identifier, offset=offset, limit=limit
        )
        return profiles

    def events(self, metric: str, *, offset: int = 0, limit: int = 1000) -> list[dict[str, Any]]:
        """At most `limit` events of a metric in the order in which they came, from `offset` on."""
        events: list[dict[str, Any]] = self._look(
            "events", metric=metric, offset=offset, limit=limit
        )
        return events

    def create_list(self, name: str) -> str:
        """Creates a list and gives its id."""
        body = {"data": {"type": "list", "attributes": {"name": name}}}
        headers = {
            "Authorization": f"Klaviyo-API-Key {self.api_key}",
            "Content-Type": "application/vnd.api+json",
            "revision": REVISION,
        }
        answer = _over_http().ask(f"{self.url}/api/lists", json.dumps(body).encode(), headers)
        return str(json.loads(answer)["data"]["id"])

    def create_segment(self, name: str, profiles: Iterable[str] = ()) -> str:
        """Creates a segment whose members are the profiles with these ids, and gives its id: the
        sandbox evaluates no definitions. RefusedError names an id of no profile."""
        members = _ids(profiles)
        new = self._tell("POST", "segments", body={"name": name, "profiles": members})
        return str(new["id"])

    def set_segment_members(self, segment_id: str, profiles: Iterable[str]) -> int:
        """Makes the profiles with these ids the members of a segment, and gives how many there are;
        KeyError says that there is no such segment, RefusedError names an id of no profile."""
        members = _ids(profiles)
        try:
            told = self._tell("PUT", "segments", segment_id, "profiles", body=members)
        except RefusedError as error:
            if error.status == NOT_FOUND:
                raise KeyError(segment_id) from None
            raise
        return int(told["profiles"])

    def suppress(self, email: str, reason: SuppressionReason = "USER_SUPPRESSED") -> None:
        """Suppresses an address, as a bounce or a complaint would; its profile is created if there
        is none."""
        self._tell("POST", "suppressions", body={"email": email, "reason": reason})

    def cancel_job(self, job_id: str) -> bool:
        """Cancels a job of any kind, so that none of its work is done; says whether there was one
        that had not ended."""
        try:
            self._tell("POST", "jobs", job_id, "cancel")
        except RefusedError as error:
            if error.status == NOT_FOUND:
                return False
            raise
        return True

    def inject(
        self,
        kind: FaultKind,
        *,
        operation: str | None = None,
        after: int = 0,
        times: int | None = None,
        chance: float = 1.0,
        **details: float,
    ) -> None:
        """Lets something go wrong from now on: with requests to `operation`, or to any; not with
        the first `after` of them; so many `times`, or without end; each with a `chance`.

        `details` are those of the kind: `millis` of "latency"; `seconds` and `as_date` of
        "throttle", which has no Retry-After without `seconds`; `status` of "server_error" and
        "gateway_error", which may be `empty`.
        RefusedError says why a fault could never strike.

        >>> sandbox.inject("applied_but_lost", operation="bulk_create_events", times=1)
        """
        fault = {"operation": operation, "after": after, "times": times, "chance": chance}
        self._tell("POST", "faults", body={"kind": kind, **fault, **details})

    def faults(self) -> list[dict[str, Any]]:
        """The faults asked for, each with how often it could have `struck` (`seen`) and did."""
        faults: list[dict[str, Any]] = self._look("faults")
        return faults

    def clear_faults(self) -> None:
        """Lets nothing go wrong any more."""
        self._tell("DELETE", "faults")

    def snapshot(self) -> bytes:
        """All that its account holds, as the content of a file; see `restore`. Requests counted,
        windows and faults are not in it."""
        content: bytes = _over_http().ask(f"{self.url}/_sandbox/snapshot")
        return content

    def restore(self, snapshot: bytes) -> None:
        """Puts what a snapshot holds in the place of what its account holds.

        RefusedError says that it is no snapshot, or one of another version."""
        _over_http().ask(f"{self.url}/_sandbox/snapshot", snapshot, method="PUT")

    def reset(self) -> None:
        """Forgets all that it holds, the requests, and how much of the limits is used up."""
        self._tell("POST", "reset")

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

    def _look(self, *parts: str, **query: object) -> Any:
        http = _over_http()
        return json.loads(http.ask(self.url + http.path_of(*parts, **query)))

    def _tell(self, method: str, *parts: str, body: object = None) -> Any:
        http = _over_http()
        content = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = http.ask(self.url + http.path_of(*parts), content, headers, method)
        return json.loads(answer) if answer else None


def _started(settings: Chosen, separate_process: bool) -> _Server:
    if not separate_process:
        return SandboxServer(settings)
    from klaviyo_py.sandbox._child import ChildServer

    return ChildServer(settings)


def _ids(profiles: Iterable[str]) -> list[str]:
    # The letters of one id would be taken for ids.
    if isinstance(profiles, str):
        raise TypeError(f"profiles are several ids, not one text: [{profiles!r}]")
    return list(profiles)


def _over_http() -> ModuleType:
    from klaviyo_py.sandbox import _http

    return _http
