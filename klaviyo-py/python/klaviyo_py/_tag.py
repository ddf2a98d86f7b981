"""What the classes of all tags have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from klaviyo_py import _klaviyo
from klaviyo_py.page import Page
from klaviyo_py.response import RawResponse

P = ParamSpec("P")
T = TypeVar("T")


class Tag:
    """Operations of a client that belong together.

    Names that operations had earlier work too, with a DeprecationWarning.
    """

    __slots__ = ("_client",)

    def __init__(self, client: _klaviyo.Client) -> None:
        """Operations of this client."""
        self._client = client

    def __repr__(self) -> str:
        return f"{self._client!r}.{type(self).__module__.rpartition('.')[2]}"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            current = _klaviyo.current_name(name)
            if current is None or not hasattr(type(self), current):
                message = f"{type(self).__name__!r} has no operation {name!r}"
                raise AttributeError(message, name=name, obj=self)
            message = f"{name}() is called {current}() now"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return getattr(self, current)

    def _call(self, operation: str, parameters: dict[str, object], body: object = None) -> Any:
        """Send a request: parameters by identifier, those that are None left out."""
        return _klaviyo.call(self._client, operation, parameters, body).body()

    def _page(self, operation: str, parameters: dict[str, object]) -> Page[Any, Any]:
        """Ask for a page of a list."""
        return Page(self._client, _klaviyo.page(self._client, operation, parameters))


class RawTag(Tag):
    """The same operations, each giving a RawResponse."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{super().__repr__()}.with_raw_response"

    def _call(self, operation: str, parameters: dict[str, object], body: object = None) -> Any:
        answer = _klaviyo.call(self._client, operation, parameters, body)
        return RawResponse(answer, _klaviyo.Answer.body)

    def _page(self, operation: str, parameters: dict[str, object]) -> Any:
        client = self._client
        answer = _klaviyo.page(client, operation, parameters)
        return RawResponse(answer, lambda answer: Page[Any](client, answer))


def raw(method: Callable[Concatenate[Any, P], T]) -> Callable[Concatenate[Any, P], RawResponse[T]]:
    """The method of a tag as one of a RawTag: it is the same, on another `self`."""
    return cast("Callable[Concatenate[Any, P], RawResponse[T]]", method)
