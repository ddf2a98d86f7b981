"""What both clients add to the native half: calls and names that do not fit are explained."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from klaviyo_py import _klaviyo
from klaviyo_py._arguments import bound, no_attribute
from klaviyo_py._hints import check

if TYPE_CHECKING:
    import inspect


class BaseClient(_klaviyo.Client):
    """The native half, with errors that say what it takes."""

    if not TYPE_CHECKING:

        def __new__(cls, *args: Any, **kwargs: Any) -> BaseClient:
            try:
                return super().__new__(cls, *args, **kwargs)
            except (AttributeError, TypeError):
                _explain(cls.__name__, _klaviyo.Client, args, kwargs)
                raise

        @functools.wraps(_klaviyo.Client.with_options)
        def with_options(self, *args: Any, **kwargs: Any) -> BaseClient:
            try:
                return super().with_options(*args, **kwargs)
            except TypeError:
                _explain("with_options", super().with_options, args, kwargs)
                raise

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, "attribute")


class Spelled:
    """The signature of a client's class, for `help`: that of its `__new__` says nothing."""

    def __get__(self, client: object, owner: type) -> inspect.Signature | None:
        from inspect import signature

        # A class of the user's own may take something else.
        below = owner.__mro__[: owner.__mro__.index(BaseClient)]
        is_ours = all({"__new__", "__init__"}.isdisjoint(vars(one)) for one in below)
        return signature(_klaviyo.Client) if is_ours else None


# Not a member that type checkers know.
type.__setattr__(BaseClient, "__signature__", Spelled())


def _explain(
    name: str, native: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> None:
    """Raise the TypeError that says what does not fit in a call; nothing when all does."""
    from inspect import Parameter, signature

    takes = _takes()
    parameters = signature(native).parameters
    itself = Parameter("itself", Parameter.POSITIONAL_ONLY)
    whole = signature(native).replace(parameters=[itself, *parameters.values()])
    for argument, value in bound(name, whole, (None, *args), kwargs).arguments.items():
        left_out = argument == "itself" or value is parameters[argument].default
        if not left_out:
            check(name, argument, takes[argument], value)


def _takes() -> Mapping[str, Any]:
    """What each argument of a client takes."""
    from klaviyo_py.oauth import OAuth, Tokens

    return {
        "api_key": str,
        "access_token": str,
        "oauth": OAuth,
        "on_token_refresh": Callable[[Tokens], object],
        "base_url": str,
        "share": float,
        "limits": Mapping[str, tuple[int, int]],
        "timeout": float,
        "max_retries": int,
        "revision": str,
        "proxy": str,
        "ca_bundle": str | PathLike[str],
    }
