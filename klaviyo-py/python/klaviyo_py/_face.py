"""How a client waits for what it is asked to do: blocked, or awaiting. All else is the same."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeAlias, TypeVar, cast

from klaviyo_py import _klaviyo
from klaviyo_py._base_client import BaseClient
from klaviyo_py.page import AsyncPage, Page
from klaviyo_py.response import RawResponse

if TYPE_CHECKING:
    from typing_extensions import Self

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")
Included = TypeVar("Included")

Awaited: TypeAlias = Coroutine[Any, Any, T]
"""What a method of an AsyncClient gives: awaited, it is what the same method of a Client gives."""


class Blocking(BaseClient):
    """A client whose calls return when they are done."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _end(self, work: _klaviyo.Work[T]) -> T:
        return work.wait()

    def _page(self, answer: _klaviyo.Answer) -> Page[Any, Any]:
        return Page(self, answer)


class Awaiting(BaseClient):
    """A client whose calls are awaited."""

    async def aclose(self) -> None:
        """The same as `close`, for `contextlib.aclosing`; nothing is waited for."""
        self.close()

    def __repr__(self) -> str:
        return f"Async{super().__repr__()}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # A coroutine of Python's own: one that is never awaited is warned of.
    async def _end(self, work: _klaviyo.Work[T]) -> T:
        return await work

    def _page(self, answer: _klaviyo.Answer) -> AsyncPage[Any, Any]:
        return AsyncPage(self, answer)


Face: TypeAlias = Blocking | Awaiting
"""The client behind what it offers. Methods say what a Blocking one gives; the functions below say
what the same methods give on what an Awaiting one offers."""


def awaited(
    method: Callable[Concatenate[Any, P], T],
) -> Callable[Concatenate[Any, P], Awaited[T]]:
    """The method as one that is awaited."""
    return cast("Callable[Concatenate[Any, P], Awaited[T]]", method)


def async_page(
    method: Callable[Concatenate[Any, P], Page[Item, Included]],
) -> Callable[Concatenate[Any, P], AsyncPage[Item, Included]]:
    """The method of a list as one that gives an AsyncPage."""
    return cast("Callable[Concatenate[Any, P], AsyncPage[Item, Included]]", method)


def raw(method: Callable[Concatenate[Any, P], T]) -> Callable[Concatenate[Any, P], RawResponse[T]]:
    """The method as one that gives a RawResponse."""
    return cast("Callable[Concatenate[Any, P], RawResponse[T]]", method)
