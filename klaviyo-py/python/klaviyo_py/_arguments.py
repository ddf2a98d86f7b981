"""The arguments of methods, held against their signatures: a TypeError says what a method takes."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

if TYPE_CHECKING:
    import inspect

F = TypeVar("F", bound=Callable[..., Any])


def telling(method: F) -> F:
    """The method, which says what it takes when it is called with something else."""

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return method(*args, **kwargs)
        except TypeError:
            # Only now, as signatures take their time; it raises if they are what is wrong.
            from inspect import signature

            bound(method.__name__, signature(method), args, kwargs)
            raise

    return cast(F, call)


def each_method(owner: type, made: Callable[[F], F]) -> None:
    """Replace the public methods that a class defines itself, and none taken from another."""
    for name, method in list(vars(owner).items()):
        is_own = isinstance(method, FunctionType) and not hasattr(method, "__wrapped__")
        if is_own and not name.startswith("_"):
            setattr(owner, name, made(method))


def bound(
    name: str, signature: inspect.Signature, args: Iterable[Any], kwargs: Mapping[str, Any]
) -> inspect.BoundArguments:
    """The arguments of a method by name, `self` the first.

    Raises TypeError when one is missing or is one too many.
    """
    try:
        return signature.bind(*args, **kwargs)
    except TypeError as error:
        parameters = list(signature.parameters.values())[1:]
        problem = _problem(signature, args, kwargs) or str(error)
        raise TypeError(f"{name}(): {problem}; it takes {_listed(parameters)}") from None


def _problem(
    signature: inspect.Signature, args: Iterable[Any], kwargs: Mapping[str, Any]
) -> str | None:
    """What is unknown, or else all that is missing; None when it is neither."""
    known = signature.parameters
    unknown = next((word for word in kwargs if word not in known), None)
    if unknown is not None:
        return f"unexpected keyword argument {unknown!r}{did_you_mean(unknown, known)}"
    try:
        given = signature.bind_partial(*args, **kwargs).arguments
    except TypeError:
        return None
    missing = [
        repr(one.name) for one in known.values() if _is_needed(one) and one.name not in given
    ]
    return f"missing {', '.join(missing)}"


def _is_needed(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name as a question; nothing when none is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _listed(parameters: list[inspect.Parameter]) -> str:
    """The parameters, those first that must be given."""
    needed = [one.name for one in parameters if _is_needed(one)]
    others = [f"{one.name}=" for one in parameters if not _is_needed(one)]
    return ", ".join([*needed, *others]) or "nothing"


def no_attribute(owner: object, name: str, what: str) -> AttributeError:
    """The error for an attribute that is not there, with the nearest one that is."""
    public = [known for known in dir(type(owner)) if not known.startswith("_")]
    hint = "" if name.startswith("_") else did_you_mean(name, public)
    # Without `name` and `obj`, for which the interpreter would make a suggestion of its own.
    return AttributeError(f"{type(owner).__name__!r} has no {what} {name!r}{hint}")
