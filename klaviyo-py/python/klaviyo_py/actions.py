"""What is done one at a time, where the bulk operations would be too much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, cast

from klaviyo_py import _klaviyo
from klaviyo_py._arguments import each_method, no_attribute, telling
from klaviyo_py._face import awaited

if TYPE_CHECKING:
    from klaviyo_py._face import Face

__all__ = ["Actions", "AsyncActions", "CreatedProfile", "UpsertedProfile"]

T = TypeVar("T")


class UpsertedProfile(NamedTuple):
    """A profile that was written."""

    id: str
    """Klaviyo's id of the profile."""
    created: bool
    """Whether it was created, not updated."""


class CreatedProfile(NamedTuple):
    """What came of creating a profile."""

    id: str
    """Klaviyo's id of the profile: the new one, or the one that was there."""
    existed: bool
    """Whether there was one already; then it was left as it was."""


class BaseActions:
    """Single actions of a client."""

    __slots__ = ("_client",)

    def __init__(self, client: Face) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"{self._client!r}.actions"

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, "action")

    def _end(self, work: _klaviyo.Work[T]) -> T:
        return cast(T, self._client._end(work))


class Actions(BaseActions):
    """Single actions of a client.

    Rows are the same as those of the bulk operations: flat or nested, with the API's names. One
    that cannot be sent is a ConfigurationError that names the field, before anything is sent.
    """

    __slots__ = ()

    def upsert_profile(self, profile: Mapping[str, object]) -> UpsertedProfile:
        """Create a profile, or update the one that has its identifiers.

        None clears a field, and a field that is left out stays as it is. At most 100 KB.

        >>> client.actions.upsert_profile({"email": "ada@shop.example"}).created
        True
        >>> client.actions.upsert_profile({"email": "ada@shop.example", "title": None}).created
        False

        Source: https://developers.klaviyo.com/en/reference/create_or_update_profile
        """
        return self._end(_klaviyo.upsert_profile(self._client, profile, UpsertedProfile))

    def create_profile(self, profile: Mapping[str, object]) -> CreatedProfile:
        """Create a profile. One that has its identifiers already is named, and left as it is.

        >>> ada = client.actions.create_profile({"email": "ada@shop.example"})
        >>> again = client.actions.create_profile({"email": "ada@shop.example"})
        >>> again.existed, again.id == ada.id
        (True, True)

        Source: https://developers.klaviyo.com/en/reference/create_profile
        """
        return self._end(_klaviyo.create_profile(self._client, profile, CreatedProfile))

    def upsert_client_profile(self, company_id: str, profile: Mapping[str, object]) -> None:
        """Create or update a profile as a browser would: without a key, by the company's public id.

        Klaviyo answers before it does it.

        Source: https://developers.klaviyo.com/en/reference/create_client_profile
        """
        return self._end(_klaviyo.upsert_client_profile(self._client, company_id, profile))

    def create_event(self, event: Mapping[str, object]) -> None:
        """Record an event. One without a `unique_id` gets one, so that no retry makes it two.

        Klaviyo answers before it does it.

        >>> client.actions.create_event(
        ...     {"metric": "Placed Order", "email": "ada@shop.example", "value": 12.5}
        ... )

        Source: https://developers.klaviyo.com/en/reference/create_event
        """
        return self._end(_klaviyo.create_event(self._client, event))

    def create_list(
        self,
        name: str,
        *,
        opt_in_process: Literal["double_opt_in", "single_opt_in"] | None = None,
    ) -> str:
        """Create a list, and give its id.

        Klaviyo lets an account create a limited number a day; RateLimitError says when the next one
        is allowed.

        >>> list_id = client.actions.create_list("Newsletter")
        >>> client.lists.get_list(list_id)["data"]["attributes"]["name"]
        'Newsletter'

        Source: https://developers.klaviyo.com/en/reference/create_list
        """
        return self._end(_klaviyo.create_list(self._client, name, opt_in_process))

    def estimate_recipients(self, campaign_id: str, *, timeout: float = 600.0) -> int:
        """Have Klaviyo count the people that a campaign would reach now, and wait for the number.

        Raises TimeoutError when that takes longer than `timeout` seconds.

        Source: https://developers.klaviyo.com/en/reference/refresh_campaign_recipient_estimation
        """
        return self._end(_klaviyo.estimate_recipients(self._client, campaign_id, timeout))


each_method(Actions, telling)


class AsyncActions(BaseActions):
    """Single actions of an AsyncClient: those of Actions, awaited."""

    __slots__ = ()

    upsert_profile = awaited(Actions.upsert_profile)
    create_profile = awaited(Actions.create_profile)
    upsert_client_profile = awaited(Actions.upsert_client_profile)
    create_event = awaited(Actions.create_event)
    create_list = awaited(Actions.create_list)
    estimate_recipients = awaited(Actions.estimate_recipients)
