"""The keywords of bulk operations: spelled out for `help`, checked before anything is read."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast, get_type_hints, is_typeddict

from klaviyo_py._arguments import bound
from klaviyo_py._hints import check

F = TypeVar("F", bound=Callable[..., Any])

NATIVE = ("self", "rows")
"""What is checked elsewhere."""


def checked(method: F) -> F:
    """The method, which takes nothing but what its signature says, with the options in it."""
    hints = get_type_hints(method, localns={"Unpack": _Unpack})
    signature = _spelled_out(inspect.signature(method), hints)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        given = bound(method.__name__, signature, args, kwargs).arguments
        for argument, value in given.items():
            if argument not in NATIVE:
                check(method.__name__, argument, hints.get(argument), value)
        return method(*args, **kwargs)

    vars(call)["__signature__"] = signature
    return cast(F, call)


class _Unpack:
    """Stands in for the typing_extensions' own, which need not be there."""

    def __class_getitem__(cls, options: type) -> type:
        return options


class _Left:
    """What an option is when it is not given."""

    def __repr__(self) -> str:
        return "..."


def _spelled_out(signature: inspect.Signature, hints: dict[str, Any]) -> inspect.Signature:
    """The signature with the options one by one, which join the hints."""
    *own, last = signature.parameters.values()
    options = hints.get(last.name)
    if last.kind is not last.VAR_KEYWORD or not is_typeddict(options):
        return signature
    taken = get_type_hints(options)
    hints.update(taken)
    kind, left = inspect.Parameter.KEYWORD_ONLY, _Left()
    each = (
        inspect.Parameter(name, kind, default=left, annotation=hint) for name, hint in taken.items()
    )
    return signature.replace(parameters=[*own, *each])
