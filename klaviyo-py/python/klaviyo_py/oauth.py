"""OAuth: an app's credentials for an account, and the tokens that come of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class OAuth:
    """An OAuth app, and what it holds for one account, for `Client(oauth=...)`.

    Access tokens are got with the refresh token: before the one at hand expires, and once when it
    is refused. `access_token` with `expires_at` (which needs a time zone) spares the first renewal.
    """

    client_id: str
    """The app's id."""
    client_secret: str = field(repr=False)
    """The app's secret."""
    refresh_token: str = field(repr=False)
    """The account's refresh token."""
    access_token: str | None = field(default=None, repr=False)
    """An access token that is still valid, if there is one."""
    expires_at: datetime | None = None
    """When that token expires."""


@dataclass(frozen=True)
class Tokens:
    """The tokens after a renewal, for `Client(on_token_refresh=...)`."""

    access_token: str = field(repr=False)
    """What requests carry."""
    refresh_token: str = field(repr=False)
    """What gets the next one; Klaviyo keeps it the same, but store what is given here."""
    expires_at: datetime
    """When the access token expires, in UTC."""
