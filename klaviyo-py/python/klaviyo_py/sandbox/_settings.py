"""What is chosen about a sandbox, on its way to the server: by name, as text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from klaviyo_py._klaviyo import sandbox_settings

OnRefresh: TypeAlias = Literal["keep", "rotate"]
Confirmation: TypeAlias = Literal["awaited", "given"]
OnRepeatedEvent: TypeAlias = Literal["refuse", "drop"]
OnKnownEvent: TypeAlias = Literal["drop", "refuse"]
OnTakenPhoneNumber: TypeAlias = Literal["import_error", "drop_number", "refuse"]
JobErrorPointer: TypeAlias = Literal["row", "request"]

Chosen: TypeAlias = dict[str, str]
"""Settings by their names. One that is not there is as the server has it by default."""


class Setting(NamedTuple):
    """A setting as a command line shows it."""

    name: str
    flag: str
    placeholder: str | None
    """What stands for its value; a switch takes none."""
    switched: str | None
    """What a switch chooses."""
    about: str
    default: str


def all_settings() -> list[Setting]:
    """All that can be chosen."""
    return [Setting(*shown) for shown in sandbox_settings()]


def chosen(**settings: str | float | Iterable[str] | None) -> Chosen:
    """What is not None, as text."""
    return {name: _text(value) for name, value in settings.items() if value is not None}


def _text(value: str | float | Iterable[str]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    return ",".join(value)
