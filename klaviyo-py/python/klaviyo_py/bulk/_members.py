"""All members of a list or a segment, with one request: no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, cast

from klaviyo_py import _klaviyo
from klaviyo_py._arguments import each_method
from klaviyo_py.bulk._checked import checked

if TYPE_CHECKING:
    from klaviyo_py._face import Face

J = TypeVar("J", covariant=True)
"""What they give: the id of a job, if the answer named it."""


class MemberVerbs(Generic[J]):
    """Bulk operations without rows."""

    __slots__ = ()

    _client: Face

    def suppress_members(self, *, list_id: str | None = None, segment_id: str | None = None) -> J:
        """Suppress all members of a list or a segment, with one request.

        Gives the id of Klaviyo's job, for `client.profiles.get_bulk_suppress_profiles_job`.

        >>> job = client.bulk.suppress_members(list_id=sandbox.create_list("Old addresses"))
        """
        return self._change(False, list_id, segment_id)

    def unsuppress_members(self, *, list_id: str | None = None, segment_id: str | None = None) -> J:
        """Lift the suppression of all members of a list or a segment, with one request.

        Gives the id of Klaviyo's job, for `client.profiles.get_bulk_unsuppress_profiles_job`.

        >>> job = client.bulk.unsuppress_members(list_id=sandbox.create_list("Come back"))
        """
        return self._change(True, list_id, segment_id)

    def _change(self, lift: bool, list_id: str | None, segment_id: str | None) -> J:
        client = self._client
        return cast(J, client._end(_klaviyo.change_members(client, lift, list_id, segment_id)))


each_method(MemberVerbs, checked)
