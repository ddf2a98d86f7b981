"""The native half, as `make check` finds it in the built module."""

from collections.abc import Callable, Iterator
from os import PathLike
from types import TracebackType
from typing import Any, ClassVar, final

from typing_extensions import Self, disjoint_base

from klaviyo_py.bulk._verbs import Rows
from klaviyo_py.jobs import Job, JobReport
from klaviyo_py.oauth import OAuth, Tokens
from klaviyo_py.plan import Plan
from klaviyo_py.report import Failure, Report, RowOutcome

__all__ = [
    "REVISION",
    "Answer",
    "Client",
    "Failures",
    "FailuresIterator",
    "Jobs",
    "OutcomeStream",
    "SandboxServer",
    "__version__",
    "call",
    "change_members",
    "check_sandbox_settings",
    "create_event",
    "create_list",
    "create_profile",
    "current_name",
    "estimate_recipients",
    "journal_verb",
    "page",
    "page_from",
    "plan",
    "run",
    "sandbox_settings",
    "stream",
    "upsert_client_profile",
    "upsert_profile",
]

REVISION: str
__version__: str

def call(
    client: Client, operation: str, parameters: dict[str, object], body: object = None
) -> Answer: ...
def page(client: Client, operation: str, parameters: dict[str, object]) -> Answer: ...
def page_from(client: Client, operation: str, cursor: str) -> Answer: ...
def current_name(earlier: str) -> str | None: ...
def run(
    client: Client,
    operation: str,
    rows: Rows,
    own: dict[str, object],
    common: dict[str, object],
) -> Report: ...
def stream(
    client: Client,
    operation: str,
    rows: Rows,
    own: dict[str, object],
    common: dict[str, object],
) -> OutcomeStream: ...
def plan(
    client: Client,
    operation: str,
    rows: Rows,
    own: dict[str, object],
    common: dict[str, object],
) -> Plan: ...
def journal_verb(journal: str | PathLike[str]) -> str: ...
def change_members(
    client: Client, lift: bool, list_id: str | None, segment_id: str | None
) -> str | None: ...
def upsert_profile(client: Client, row: object) -> tuple[str, bool]: ...
def create_profile(client: Client, row: object) -> tuple[str, bool]: ...
def upsert_client_profile(client: Client, company_id: str, row: object) -> None: ...
def create_event(client: Client, row: object) -> None: ...
def create_list(client: Client, name: str, opt_in_process: str | None) -> str: ...
def estimate_recipients(client: Client, campaign_id: str, timeout: float) -> int: ...

@final
class Answer:
    @property
    def operation(self) -> str: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def content(self) -> bytes: ...
    @property
    def cursor(self) -> str | None: ...
    def body(self) -> Any: ...

@disjoint_base
class Client:
    def __new__(
        cls,
        api_key: str | None = None,
        *,
        access_token: str | None = None,
        oauth: OAuth | None = None,
        on_token_refresh: Callable[[Tokens], object] | None = None,
        base_url: str | None = None,
        share: float = 1.0,
        timeout: float = 60.0,
        max_retries: int = 7,
        revision: str | None = None,
        proxy: str | None = None,
        ca_bundle: str | PathLike[str] | None = None,
    ) -> Self: ...
    def with_options(
        self,
        *,
        timeout: float | None = None,
        share: float | None = None,
        revision: str | None = None,
        max_retries: int | None = None,
    ) -> Self: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None: ...
    @property
    def base_url(self) -> str: ...

@final
class Failures:
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Failure]: ...
    def save_dead_letters(self, path: str | PathLike[str]) -> int: ...
    def __reduce__(self) -> tuple[object, tuple[list[str]]]: ...
    @classmethod
    def _from_json(cls, lines: list[str]) -> Failures: ...

@final
class FailuresIterator:
    def __iter__(self) -> FailuresIterator: ...
    def __next__(self) -> Failure: ...

@final
class Jobs:
    @classmethod
    def load(cls, path: str | PathLike[str]) -> Jobs: ...
    def save(self, path: str | PathLike[str]) -> None: ...
    def poll(self, client: Client) -> list[JobReport]: ...
    def wait(self, client: Client, timeout: float = 3600.0) -> list[JobReport]: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Job]: ...
    def __eq__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]  # pyright: ignore[reportIncompatibleMethodOverride]
    def __reduce__(self) -> tuple[object, tuple[str]]: ...
    @classmethod
    def _from_json(cls, text: str) -> Jobs: ...

@final
class OutcomeStream:
    @property
    def report(self) -> Report | None: ...
    def close(self) -> None: ...
    def __iter__(self) -> OutcomeStream: ...
    def __next__(self) -> RowOutcome: ...
    def __enter__(self) -> OutcomeStream: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...

@final
class SandboxServer:
    def __new__(cls, chosen: dict[str, str], /) -> SandboxServer: ...
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

def check_sandbox_settings(chosen: dict[str, str], /) -> None: ...
def sandbox_settings() -> list[tuple[str, str, str | None, str | None, str, str]]: ...
