"""What is chosen about a sandbox, on its way to the server."""

from __future__ import annotations

from typing import TypedDict


class Settings(TypedDict):
    """Plain values, so that they can be handed to another process as JSON. What is None is as the
    server has it by default."""

    port: int
    api_key: str | None
    scopes: list[str] | None
    company: str | None
    limits: bool
    job_seconds: float
    client_id: str | None
    client_secret: str | None
    refresh_token: str | None
    access_token_seconds: float
    rotate_refresh_tokens: bool
    confirm: bool
    suppression_seconds: float
    sink: bool
    seed: int | None
