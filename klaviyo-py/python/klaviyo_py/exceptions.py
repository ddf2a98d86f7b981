"""What can go wrong with a call. What is wrong with a single row is an outcome, not an exception.

Exceptions hold no key, and can be pickled with all that they carry.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from klaviyo_py.report import Report


class KlaviyoError(Exception):
    """The base of all exceptions of this package."""

    report: Report | None = None
    """What became of the rows that were read until then, when a run was stopped by this."""
    maybe_applied: bool = False
    """Whether the request may have had its effect although no answer said so: a lost answer, or a
    refusal after one, which may then be its echo (a 404 of what was deleted)."""


class ConfigurationError(KlaviyoError):
    """The client or the call was set up wrongly; nothing was sent."""


class JournalError(KlaviyoError):
    """A run's journal cannot be used, or does not fit the run.

    The file holds a run already (go on with it by `client.bulk.resume`), or none, or is in use; or
    the rows or options are not those that the run began with.
    """


class FailedRowsError(KlaviyoError):
    """Some rows did not get through; `report` says which. Raised by `raise_for_failures()` only."""


class ConnectionError(KlaviyoError, builtins.ConnectionError):
    """There was no whole answer, however often it was tried."""


class TimeoutError(KlaviyoError, builtins.TimeoutError):
    """There was no answer in time, however often it was tried."""


class APIStatusError(KlaviyoError):
    """Klaviyo refused a request."""

    status: int
    """The HTTP status."""
    code: str
    """The first error's code (`invalid`, `not_found` …); `http_<status>` when there is none."""
    operation: str
    """`operationId` of the request."""
    errors: Sequence[Mapping[str, Any]]
    """The JSON:API errors: `id`, `code`, `title`, `detail`, `source` (`pointer` or `parameter`),
    and `meta` with further facts."""
    headers: Mapping[str, str]
    """The answer's headers, under lower-case names."""
    body_head: str
    """The first 2 KB of an answer that was not JSON:API; else empty."""

    def __init__(
        self,
        message: str,
        *,
        status: int,
        code: str,
        operation: str,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
        body_head: str = "",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.operation = operation
        self.errors = errors
        self.headers = headers or {}
        self.body_head = body_head

    def __reduce__(self) -> tuple[Callable[..., APIStatusError], tuple[Any, ...]]:
        # The way of Exception itself would call __init__ without its keyword arguments.
        return _restore, (type(self), self.args, self.__dict__)


class BadRequestError(APIStatusError):
    """400: something in the request is malformed; `errors` says what."""


class AuthenticationError(APIStatusError):
    """401: the key is wrong or missing."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this (its scopes), or a gateway turned the request away."""


class NotFoundError(APIStatusError):
    """404: there is no such thing."""


class ConflictError(APIStatusError):
    """409: there is such a thing already."""

    @property
    def existing_id(self) -> str | None:
        """The id of the profile that is there already, if Klaviyo names it."""
        for error in self.errors:
            existing = error.get("meta", {}).get("duplicate_profile_id")
            if isinstance(existing, str):
                return existing
        return None


class PayloadTooLargeError(APIStatusError):
    """413: the request is larger than Klaviyo takes."""


class RateLimitError(APIStatusError):
    """429 for longer than is worth waiting: a daily limit is used up.

    Klaviyo said so, or the client itself, which keeps count (then `headers` is empty, and nothing
    was sent).
    """

    retry_after: float | None
    """Seconds until a request is allowed again, if known."""

    def __init__(self, message: str, *, retry_after: float | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.retry_after = retry_after


class ServerError(APIStatusError):
    """5xx: Klaviyo failed, however often it was tried."""


def _restore(
    kind: type[APIStatusError], args: tuple[Any, ...], state: dict[str, Any]
) -> APIStatusError:
    """Unpickles an exception."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error
