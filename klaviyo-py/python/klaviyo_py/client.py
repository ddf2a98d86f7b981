"""The client: the native half, and every operation under its tag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klaviyo_py.operations import AsyncOperations, Operations

if TYPE_CHECKING:
    from klaviyo_py.actions import Actions, AsyncActions
    from klaviyo_py.bulk import AsyncBulk, Bulk


class Client(Operations):
    """A client for one Klaviyo account.

    `api_key` is the account's private key (it begins with `pk_`); without it, the environment
    variable KLAVIYO_API_KEY is read. In its place, `access_token` is an OAuth token that
    somebody else renews, and `oauth` an app's tokens that are renewed here; `on_token_refresh`
    is called with the new `Tokens` of each renewal, to store them; all requests of the client wait
    for that, so it cannot send any with it. `base_url` is where requests go:
    `https://host[:port]`, or `http://` to this machine only, such as a `Sandbox`. `share`
    (more than 0, at most 1) is the part of the account's rate limits that this client may use;
    leave room when others use the account. `limits` are those of an account to which Klaviyo gives
    other ones than usual: requests a second and a minute by operationId, for example
    `{"bulk_import_profiles": (20, 300)}`. `timeout` is the longest time for one attempt of one
    request, in seconds; a body gets 20 s a megabyte on top. A request that fails for the time being
    (5xx, no answer) is sent again up to `max_retries` times, over about two minutes; waiting for a
    rate limit does not count.
    `revision` is the revision of Klaviyo's API that is asked for, the one that this package was
    made for unless told otherwise.
    `proxy` is the URL of a proxy; without it, the system's settings (HTTPS_PROXY and so on) are
    followed. `ca_bundle` is a file of certificate authorities in PEM that are trusted beside
    the system's.

    `bulk` has what takes many rows, `actions` what is done one at a time. Every operation of
    Klaviyo's API is under its tag (`profiles`, `lists`, `campaigns` …) by its operationId; earlier
    names work, with a DeprecationWarning.

    Nothing is sent before the first call. A client may be used from several threads; make one for
    each account and keep it, because it keeps count of the account's limits; `with_options` gives
    others that count with it. A `with` block closes it at its end. After a fork, make a new one.

    Calls return when they are done, so in an event loop they hold up all else that runs there: use
    an AsyncClient.

    Raises ConfigurationError when there is no key, or an option cannot be used.

    >>> client = Client(api_key=sandbox.api_key, base_url=sandbox.url)
    >>> client.bulk.import_profiles([{"email": "ada@shop.example"}]).completed
    1
    >>> page = client.profiles.get_profiles(page_size=10, fields_profile=["email"])
    >>> [profile["attributes"]["email"] for profile in page]
    ['ada@shop.example']
    """

    @property
    def bulk(self) -> Bulk:
        """The bulk operations: many rows a request, and a report of what became of each."""
        from klaviyo_py.bulk import Bulk

        return Bulk(self)

    @property
    def actions(self) -> Actions:
        """What is done one at a time: write a profile, record an event, create a list."""
        from klaviyo_py.actions import Actions

        return Actions(self)


class AsyncClient(AsyncOperations):
    """A client for one Klaviyo account whose calls are awaited, under asyncio.

    It has the names and parameters of Client, and everything that sends is awaited; lists are
    answered with an AsyncPage, and `bulk.stream` gives an AsyncOutcomeStream.

    >>> async def names():
    ...     async with AsyncClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
    ...         await client.bulk.import_profiles([{"email": "ada@shop.example"}])
    ...         page = await client.profiles.get_profiles(page_size=10)
    ...         return [profile["attributes"]["email"] async for profile in page]
    >>> asyncio.run(names())
    ['ada@shop.example']

    To cancel a task drops the request that it awaits, and ends its run at once: see `bulk`. A
    client belongs to no event loop: it may be made before there is one, and used from one after
    another.
    """

    @property
    def bulk(self) -> AsyncBulk:
        """The bulk operations: many rows a request, and a report of what became of each."""
        from klaviyo_py.bulk import AsyncBulk

        return AsyncBulk(self)

    @property
    def actions(self) -> AsyncActions:
        """What is done one at a time: write a profile, record an event, create a list."""
        from klaviyo_py.actions import AsyncActions

        return AsyncActions(self)
