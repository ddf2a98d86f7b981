"""All members of a list or a segment, with one request: no rows."""

from __future__ import annotations

from klaviyo_py import _klaviyo


class MemberVerbs:
    """Bulk operations without rows."""

    __slots__ = ()

    _client: _klaviyo.Client

    def suppress_members(
        self, *, list_id: str | None = None, segment_id: str | None = None
    ) -> str | None:
        """Suppress all members of a list or a segment, with one request.

        Gives the id of Klaviyo's job, for `client.profiles.get_bulk_suppress_profiles_job`.

        >>> job = client.bulk.suppress_members(list_id=sandbox.create_list("Old addresses"))
        """
        return _klaviyo.change_members(self._client, False, list_id, segment_id)

    def unsuppress_members(
        self, *, list_id: str | None = None, segment_id: str | None = None
    ) -> str | None:
        """Lift the suppression of all members of a list or a segment, with one request.

        Gives the id of Klaviyo's job, for `client.profiles.get_bulk_unsuppress_profiles_job`.

        >>> job = client.bulk.unsuppress_members(list_id=sandbox.create_list("Come back"))
        """
        return _klaviyo.change_members(self._client, True, list_id, segment_id)
