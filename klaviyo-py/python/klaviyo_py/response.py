"""An answer with its status and headers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from klaviyo_py import _klaviyo

T_co = TypeVar("T_co", covariant=True)


class RawResponse(Generic[T_co]):
    """An answer with its status and headers, from the `with_raw_response` of a tag.

    >>> answer = client.profiles.with_raw_response.get_profiles(page_size=1)
    >>> answer.status, answer.headers["content-type"]
    (200, 'application/vnd.api+json')
    >>> page = answer.parse()
    >>> page.data
    []
    """

    __slots__ = ("_answer", "_read")

    def __init__(self, answer: _klaviyo.Answer, read: Callable[[_klaviyo.Answer], T_co]) -> None:
        self._answer = answer
        self._read = read

    @property
    def status(self) -> int:
        """The HTTP status, 2xx; any other is an APIStatusError, which has it too."""
        return self._answer.status

    @property
    def headers(self) -> dict[str, str]:
        """The headers, under lower-case names."""
        return self._answer.headers

    @property
    def content(self) -> bytes:
        """The body as it came."""
        return self._answer.content

    def parse(self) -> T_co:
        """What the operation gives without `with_raw_response`."""
        return self._read(self._answer)

    def __repr__(self) -> str:
        return f"<RawResponse of {self._answer.operation}: {self.status}>"
