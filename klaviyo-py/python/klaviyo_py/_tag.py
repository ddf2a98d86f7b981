"""What the classes of all tags have in common."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from klaviyo_py import _klaviyo
from klaviyo_py._arguments import each_method, no_attribute, telling
from klaviyo_py._face import async_page, awaited, raw
from klaviyo_py.response import RawResponse

if TYPE_CHECKING:
    from klaviyo_py._face import Face
    from klaviyo_py.page import Page

__all__ = ["RawTag", "Tag", "async_page", "awaited", "raw"]


class Tag:
    """Operations of a client that belong together.

    Names that operations had earlier work too, with a DeprecationWarning.
    """

    __slots__ = ("_client",)

    def __init_subclass__(cls) -> None:
        each_method(cls, telling)

    def __init__(self, client: Face) -> None:
        """Operations of this client."""
        self._client = client

    def __repr__(self) -> str:
        return f"{self._client!r}.{type(self).__module__.rpartition('.')[2]}"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            current = _klaviyo.current_name(name)
            if current is None or not hasattr(type(self), current):
                raise no_attribute(self, name, "operation")
            message = f"{name}() is called {current}() now"
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return getattr(self, current)

    def _call(self, operation: str, parameters: dict[str, object], body: object = None) -> Any:
        """Send a request: parameters by identifier, those that are None left out."""
        client, then = self._client, self._then(_klaviyo.Answer.body)
        return client._end(_klaviyo.call(client, operation, parameters, body, then))

    def _page(self, operation: str, parameters: dict[str, object]) -> Page[Any, Any]:
        """Ask for a page of a list."""
        client, then = self._client, self._then(self._client._page)
        work = _klaviyo.page(client, operation, parameters, then)
        return cast("Page[Any, Any]", client._end(work))

    def _then(self, read: Callable[[_klaviyo.Answer], Any]) -> Callable[[_klaviyo.Answer], Any]:
        """What is done with an answer that is read so."""
        return read


class RawTag(Tag):
    """The same operations, each giving a RawResponse."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{super().__repr__()}.with_raw_response"

    def _then(self, read: Callable[[_klaviyo.Answer], Any]) -> Callable[[_klaviyo.Answer], Any]:
        return lambda answer: RawResponse(answer, read)
