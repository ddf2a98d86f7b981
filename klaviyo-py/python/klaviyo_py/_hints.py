"""Type hints of arguments: whether a value fits one, and what one takes, in words."""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Mapping, Sequence
from os import PathLike
from typing import Any, Literal, Union, get_args, get_origin


def misfit(hint: Any, value: object) -> str | None:
    """What is given in place of what the hint takes; None when it fits.

    A hint of a kind that is not known here takes everything.
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        misfits = [misfit(one, value) for one in arguments]
        # What comes nearest tells most: a list with something in it.
        return None if None in misfits else max((m for m in misfits if m), key=len)
    if origin is Literal:
        return None if isinstance(value, type(arguments[0])) else _kind(value)
    if origin is Sequence:
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            return _kind(value)
        return _misfit_inside(value, [(arguments[0], value)])
    if origin is Mapping:
        if not isinstance(value, Mapping):
            return _kind(value)
        return _misfit_inside(value, [(arguments[0], value.keys()), (arguments[1], value.values())])
    return None if _is_instance(value, origin or hint) else _kind(value)


def check(method: str, argument: str, hint: Any, value: object) -> None:
    """Raise a TypeError when the argument of a method does not fit its hint."""
    given = misfit(hint, value)
    if given is not None:
        raise TypeError(f"{method}() takes {in_words(hint)} for {argument}, not {given}")


def _misfit_inside(value: object, parts: list[tuple[Any, Collection[object]]]) -> str | None:
    misfits = (misfit(hint, element) for hint, elements in parts for element in elements)
    found = next((m for m in misfits if m), None)
    return f"a {_kind(value)} with {found} in it" if found else None


def _is_instance(value: object, kind: Any) -> bool:
    # In some versions Any is a class.
    if kind is Any or not isinstance(kind, type):
        return True
    if kind in (int, float):
        # An int will do for a float; a bool is an int only to Python.
        return isinstance(value, (int, kind)) and not isinstance(value, bool)
    return isinstance(value, kind)


def _kind(value: object) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def in_words(hint: Any) -> str:
    """What a hint takes."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        # That None leaves it out goes without saying.
        return " or ".join(in_words(one) for one in arguments if one is not types.NoneType)
    if origin is Literal:
        return " or ".join(repr(one) for one in arguments)
    if origin is Sequence:
        return f"a list or tuple of {_bare(arguments[0])}"
    if origin is Mapping:
        return f"a dict of {_bare(arguments[0])} to {_bare(arguments[1])}"
    if origin is tuple:
        return f"a tuple of {' and '.join(_bare(one) for one in arguments)}"
    if hint is float:
        return "a number"
    if origin is Callable:
        return "a function"
    if origin is PathLike:
        return "a PathLike"
    return f"{'an' if hint is int else 'a'} {_bare(hint)}"


def _bare(hint: Any) -> str:
    # In some versions, tuple[int, int] is a type.
    is_class = isinstance(hint, type) and get_origin(hint) is None
    return hint.__name__ if is_class else in_words(hint)
