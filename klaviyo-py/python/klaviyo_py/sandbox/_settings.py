"""What is chosen about a sandbox, on its way to the server: by name, as text."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar, cast

from klaviyo_py._arguments import did_you_mean
from klaviyo_py._klaviyo import sandbox_settings

OnRefresh: TypeAlias = Literal["keep", "rotate"]
Confirmation: TypeAlias = Literal["awaited", "given"]
UnauthorizedCode: TypeAlias = Literal["by_cause", "authentication_failed", "not_authenticated"]
OnCompressedBody: TypeAlias = Literal["refuse", "take"]
OnOversizedBody: TypeAlias = Literal["json_api", "html", "empty"]
OnRepeatedEvent: TypeAlias = Literal["refuse", "drop"]
OnKnownEvent: TypeAlias = Literal["drop", "refuse"]
OnTakenPhoneNumber: TypeAlias = Literal["import_error", "drop_number", "refuse"]
JobErrorPointer: TypeAlias = Literal["row", "request"]

Chosen: TypeAlias = dict[str, str]
"""Settings by their names. One that is not there is as the server has it by default."""


NAMES_HERE = {
    "job_time": "job_seconds",
    "key": "api_key",
    "client_id": "oauth",
    "client_secret": "oauth",
    "refresh_token": "oauth",
}
"""What goes by another name in `Sandbox` than on the command line."""


class Setting(NamedTuple):
    """A setting as a command line shows it."""

    name: str
    heading: str
    """What it stands under in the help."""
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


def as_named_here(error: str) -> str:
    """What is wrong with a setting, by the name that it has in `Sandbox`."""
    name, space, rest = error.partition(" ")
    return {"job_time": "job_seconds", "key": "api_key"}.get(name, name) + space + rest


def _text(value: str | float | Iterable[str]) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, int, float)):
        return str(value)
    return ",".join(value)


F = TypeVar("F", bound=Callable[..., Any])


def naming_settings(start: F) -> F:
    """The method, which says what it takes when it is given a setting that there is not, or one
    without its name."""

    @functools.wraps(start)
    def call(*args: Any, **settings: Any) -> Any:
        if len(args) > 1:
            name = "port" if isinstance(args[1], int) else "api_key"
            raise TypeError(
                f"Sandbox() takes its settings by their names: Sandbox({name}={args[1]!r})"
            )
        try:
            return start(*args, **settings)
        except TypeError:
            # Only now: it takes its time.
            from inspect import signature

            known = [name for name in signature(start).parameters if name != "self"]
            unknown = next((name for name in settings if name not in known), None)
            if unknown is None:
                raise
            here = NAMES_HERE.get(unknown)
            hint = f" (did you mean {here!r}?)" if here else did_you_mean(unknown, known)
            raise TypeError(
                f"Sandbox() has no setting {unknown!r}{hint}; it has {', '.join(known)}"
            ) from None

    return cast(F, call)
