"""The bulk operations, seen otherwise than by a report at the end."""

from __future__ import annotations

from klaviyo_py import _klaviyo
from klaviyo_py.bulk._resume import ResumableVerbs, RowVerbs
from klaviyo_py.bulk._verbs import Call
from klaviyo_py.plan import Plan


class BulkStreams(ResumableVerbs[_klaviyo.OutcomeStream]):
    """The methods of `client.bulk`, giving the end of each row as it becomes known."""

    __slots__ = ()

    def _do(self, call: Call) -> _klaviyo.OutcomeStream:
        return _klaviyo.stream(self._client, *call)


class BulkPlans(RowVerbs[Plan]):
    """The methods of `client.bulk` as dry runs; options of the sending do nothing."""

    __slots__ = ()

    def _do(self, call: Call) -> Plan:
        return _klaviyo.plan(self._client, *call)
