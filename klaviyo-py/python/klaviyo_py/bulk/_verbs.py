"""What the bulk operations have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, cast

from klaviyo_py import _klaviyo

if TYPE_CHECKING:
    from klaviyo_py.report import Report

Rows: TypeAlias = Iterable[Mapping[str, object]]
"""Rows are dicts, from any iterable."""


class RowOptions(TypedDict, total=False):
    """The keywords that all bulk operations take."""

    extra: Literal["reject", "properties"]
    """What becomes of a name that Klaviyo does not know: "reject" rejects the row and suggests the
    nearest name, "properties" makes it a custom property."""
    nulls: Literal["omit", "clear", "reject"]
    """What becomes of None in a field or property: "omit" leaves it out, "clear" sends it (only
    where that clears), "reject" rejects the row."""
    duplicates: Literal["warn", "reject"]
    """What becomes of a row that shares an identifier with an earlier one of its request."""
    run_id: str | None
    """Names the run; drawn when it is not given."""


class JobOptions(RowOptions, total=False):
    """The keywords of operations for which Klaviyo begins jobs."""

    wait: bool | None
    """Whether to wait for the jobs; False leaves rows `accepted`."""


class Verbs:
    """Bulk operations of a client that belong together."""

    __slots__ = ("_client",)

    def __init__(self, client: _klaviyo.Client) -> None:
        self._client = client

    def _run(
        self, operation: str, rows: Rows, common: RowOptions | JobOptions, **own: object
    ) -> Report:
        """Send rows; options of the operation's own that are None are left out."""
        given = {name: value for name, value in own.items() if value is not None}
        return _klaviyo.run(self._client, operation, rows, given, cast("dict[str, object]", common))
