"""The bulk operations, each way of looking at them blocked and awaited."""

from __future__ import annotations

from typing import cast

from klaviyo_py import _klaviyo
from klaviyo_py._face import Awaited
from klaviyo_py.bulk._members import J, MemberVerbs
from klaviyo_py.bulk._resume import ResumableVerbs, RowVerbs
from klaviyo_py.bulk._verbs import AsyncRows, Call, R, Rows, S
from klaviyo_py.plan import Plan


class Runs(ResumableVerbs[S, R], MemberVerbs[J]):
    """The bulk operations, giving a report at the end."""

    __slots__ = ()

    def _do(self, call: Call) -> R:
        return cast(R, self._client._end(_klaviyo.run(self._client, call)))

    def __repr__(self) -> str:
        return f"{self._client!r}.bulk"


class Plans(RowVerbs[S, R]):
    """The bulk operations as dry runs."""

    __slots__ = ()

    def _do(self, call: Call) -> R:
        return cast(R, self._client._end(_klaviyo.plan(self._client, call)))


class BulkPlans(Plans[Rows, Plan]):
    """The methods of `client.bulk` as dry runs; options of the sending do nothing."""

    __slots__ = ()


class AsyncBulkPlans(Plans[AsyncRows, Awaited[Plan]]):
    """The methods of an AsyncClient's `bulk` as dry runs; options of the sending do nothing."""

    __slots__ = ()


class BulkStreams(ResumableVerbs[Rows, _klaviyo.OutcomeStream]):
    """The methods of `client.bulk`, giving the end of each row as it becomes known."""

    __slots__ = ()

    def _do(self, call: Call) -> _klaviyo.OutcomeStream:
        return _klaviyo.stream(self._client, call)


class AsyncBulkStreams(ResumableVerbs[AsyncRows, _klaviyo.AsyncOutcomeStream]):
    """The methods of an AsyncClient's `bulk`, giving the end of each row as it becomes known."""

    __slots__ = ()

    def _do(self, call: Call) -> _klaviyo.AsyncOutcomeStream:
        return _klaviyo.async_stream(self._client, call)
