"""Lists: one page, and the way to those behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Generic, Literal, NoReturn, TypeVar, overload

from klaviyo_py import _klaviyo

if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    from klaviyo_py._face import Awaiting, Blocking, Face

    Included_co = TypeVarWithDefault("Included_co", covariant=True, default=Any)
else:
    Included_co = TypeVar("Included_co")

Item_co = TypeVar("Item_co", covariant=True)


class BasePage(Generic[Item_co, Included_co]):
    """One page of a list: what is in it."""

    __slots__ = ("_answer", "_body", "_client")

    def __init__(self, client: Face, answer: _klaviyo.Answer) -> None:
        self._client = client
        self._answer = answer
        self._body: dict[str, Any] = answer.body()

    if not TYPE_CHECKING:
        # Generic's own would want both parameters.
        __class_getitem__ = classmethod(GenericAlias)

    @property
    def body(self) -> dict[str, Any]:
        """The whole answer: `data`, and as Klaviyo likes `included`, `links` and `meta`."""
        return self._body

    @property
    def cursor(self) -> str | None:
        """Where the next page is, for `page_cursor=`; None on the last one."""
        return self._answer.cursor

    @property
    def data(self) -> list[Item_co]:
        """The items of this page."""
        return self._body.get("data") or []

    @property
    def included(self) -> list[Included_co]:
        """What the items are related to, as far as `include=` asked for it."""
        return self._body.get("included") or []

    @property
    def links(self) -> dict[str, str | None]:
        """Klaviyo's links: `self`, `next`, `prev` …"""
        return self._body.get("links") or {}

    @overload
    def __getitem__(self, name: Literal["data"]) -> list[Item_co]: ...
    @overload
    def __getitem__(self, name: Literal["included"]) -> list[Included_co]: ...
    @overload
    def __getitem__(self, name: Literal["links"]) -> dict[str, str | None]: ...
    @overload
    def __getitem__(self, name: str) -> Any: ...
    def __getitem__(self, name: str) -> Any:
        return self._body[name]

    def __contains__(self, name: object) -> bool:
        """Whether the answer has such a member. Without this, `in` would read all pages."""
        return name in self._body

    def __repr__(self) -> str:
        more = "the last" if self.cursor is None else "more behind it"
        return (
            f"<{type(self).__name__} of {self._answer.operation}: {len(self.data)} items, {more}>"
        )

    def _next(self, cursor: str) -> Any:
        client = self._client
        return client._end(_klaviyo.page_from(client, self._answer.operation, cursor, client._page))


class Page(BasePage[Item_co, Included_co]):
    """One page of a list, as every operation that lists something answers with.

    To iterate over it goes over its items and on over those of all pages behind it, each asked for
    when its turn comes, under the operation's limits and retries:

    >>> client.bulk.import_profiles([{"external_id": str(n)} for n in range(5)]).completed
    5
    >>> first = client.profiles.get_profiles(page_size=2)
    >>> len(first.data), sum(1 for profile in first)
    (2, 5)

    `cursor` is a text to keep, in a file say, and to go on from later. It holds the list's
    parameters; those that are given again must be the same:

    >>> rest = client.profiles.get_profiles(page_cursor=first.cursor)
    >>> sum(1 for profile in rest)
    3

    Whoever knows Arrow takes it as a table of all pages, from this one on (see `to_arrow`):

    >>> import polars
    >>> polars.DataFrame(first).height
    5

    `page["data"]` and so on are the members of the answer as it came, `body` is the whole of it.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def __init__(self, client: Blocking, answer: _klaviyo.Answer) -> None: ...

    def to_arrow(self) -> _klaviyo.RecordBatches:
        """This page and all behind it as a table for whoever knows Arrow; pyarrow is not needed.

        >>> import polars
        >>> rows = [{"email": "ada@shop.example", "location.city": "London", "properties.n": 3}]
        >>> client.bulk.import_profiles(rows).completed
        1
        >>> page = client.profiles.get_profiles(page_size=100)
        >>> table = polars.DataFrame(page.to_arrow())
        >>> table.select("email", "location.city", "properties").rows()
        [('ada@shop.example', 'London', '{"n":3}')]

        Pages are asked for while the table is read, under the operation's limits and retries. There
        is a row for each item, and the columns are known before:

        - `id` and `type`;
        - the attributes, those of known objects one by one (`location.city`), as texts, numbers,
          booleans, timestamps (microseconds, UTC) and lists of these; free-form objects
          (`properties`) and lists of objects as JSON text;
        - the ids of related things (`relationships.lists`), null where Klaviyo gives only links:
          ask with `include=`;
        - `unmapped`: JSON text of what has no other column, by name; null as a rule.

        Given `fields_profile=`, there are columns for these attributes only; those that must be
        asked for (`additional_fields_profile=`) have columns when they are.

        No answer fails for what stands in it: attributes that Klaviyo added later, and values that
        do not fit their column (it is null then), stand in `unmapped`. Links are left out.
        What `included` holds is not in the table: take it from each of `pages()`.
        """
        return _klaviyo.record_batches(self._client, self._answer)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def __arrow_c_schema__(self) -> object:
        return self.to_arrow().__arrow_c_schema__()

    def next_page(self) -> Page[Item_co, Included_co] | None:
        """Asks for the page behind this one; None when this is the last."""
        page: Page[Item_co, Included_co] | None
        page = None if self.cursor is None else self._next(self.cursor)
        return page

    def pages(self) -> Iterator[Page[Item_co, Included_co]]:
        """This page and all behind it, each asked for when its turn comes.

        >>> pages = client.profiles.get_profiles(page_size=1).pages()
        >>> [len(page.data) for page in pages]
        [0]
        """
        page: Page[Item_co, Included_co] | None = self
        while page is not None:
            yield page
            page = page.next_page()

    def __iter__(self) -> Iterator[Item_co]:
        for page in self.pages():
            yield from page.data


class AsyncPage(BasePage[Item_co, Included_co]):
    """One page of a list, as an AsyncClient gives it.

    It is as a Page, but what has to be asked for is awaited: `await page.next_page()`, `async for
    page in page.pages()`, `async for` over the items of all pages, and `await page.to_arrow()`.

    >>> async def count():
    ...     async with sandbox.async_client() as client:
    ...         page = await client.profiles.get_profiles(page_size=2)
    ...         return len(page.data), len([profile async for profile in page])
    >>> client.bulk.import_profiles([{"external_id": str(n)} for n in range(5)]).completed
    5
    >>> asyncio.run(count())
    (2, 5)
    """

    __slots__ = ()

    # Without this, `for` would take it for a sequence, because it has members.
    __iter__ = None

    if TYPE_CHECKING:

        def __init__(self, client: Awaiting, answer: _klaviyo.Answer) -> None: ...

    def to_arrow(self) -> _klaviyo.AsyncRecordBatches:
        """This page and all behind it as a table for whoever knows Arrow, as `Page.to_arrow` says.

        `await page.to_arrow()` asks for all pages and gives the table; `async for batch in
        page.to_arrow()` gives it piece by piece. The page itself is no table: a reader of it would
        hold up the event loop.

        >>> import polars
        >>> async def table():
        ...     async with sandbox.async_client() as client:
        ...         page = await client.profiles.get_profiles(page_size=2)
        ...         return polars.DataFrame(await page.to_arrow())
        >>> client.bulk.import_profiles([{"external_id": str(n)} for n in range(5)]).completed
        5
        >>> asyncio.run(table()).height
        5
        """
        return _klaviyo.async_record_batches(self._client, self._answer)

    def __arrow_c_stream__(self, requested_schema: object = None) -> NoReturn:
        message = "a page of an AsyncClient is read as a table by: await page.to_arrow()"
        raise TypeError(message)

    async def next_page(self) -> AsyncPage[Item_co, Included_co] | None:
        """Asks for the page behind this one; None when this is the last."""
        page: AsyncPage[Item_co, Included_co] | None
        page = None if self.cursor is None else await self._next(self.cursor)
        return page

    async def pages(self) -> AsyncIterator[AsyncPage[Item_co, Included_co]]:
        """This page and all behind it, each asked for when its turn comes."""
        page: AsyncPage[Item_co, Included_co] | None = self
        while page is not None:
            yield page
            page = await page.next_page()

    async def __aiter__(self) -> AsyncIterator[Item_co]:
        async for page in self.pages():
            for item in page.data:
                yield item
