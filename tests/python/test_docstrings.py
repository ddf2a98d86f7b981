"""What is public is documented, and the examples in its documentation are true."""

from __future__ import annotations

import asyncio
import doctest
import inspect
from pathlib import Path

import pytest

import klaviyo_py
from klaviyo_py import Client, Sandbox

PUBLIC = [
    *[("klaviyo_py", klaviyo_py)],
    *[(name, getattr(klaviyo_py, name)) for name in klaviyo_py.__all__ if name != "__version__"],
    # What a Client has from its native half.
    *[("Client", klaviyo_py._klaviyo.Client)],
]


PARTS = {
    f"klaviyo_py.bulk.{part}"
    for part in ("_profiles", "_events", "_catalogs", "_records", "_members", "_resume")
} | {"klaviyo_py.page"}


def documented() -> list[tuple[str, object]]:
    """All public things, methods and properties included."""
    found = list(PUBLIC)
    for owner, thing in PUBLIC:
        if inspect.isclass(thing):
            members = [member for base in bases(thing) for member in vars(base).items()]
            found += [(f"{owner}.{name}", it) for name, it in members if is_documentable(name, it)]
    return found


def bases(thing: type) -> list[type]:
    """The class, and those of which it is only the sum."""
    return [base for base in thing.__mro__ if base is thing or base.__module__ in PARTS]


def is_documentable(name: str, member: object) -> bool:
    return not name.startswith("_") and (
        inspect.isroutine(member) or inspect.isdatadescriptor(member)
    )


@pytest.mark.parametrize(("name", "thing"), documented(), ids=[name for name, _ in documented()])
def test_the_documentation_is_there_and_true(
    name: str, thing: object, client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    text = inspect.getdoc(thing)
    assert text, f"{name} is not documented"
    names = {**vars(klaviyo_py), "klaviyo_py": klaviyo_py, "client": client}
    names |= {"sandbox": sandbox, "folder": tmp_path, "asyncio": asyncio}
    examples = doctest.DocTestParser().get_doctest(text, names, name, None, None)
    failed, _ = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples)
    assert failed == 0


def test_examples_are_found() -> None:
    with_examples = [name for name, thing in documented() if ">>>" in (inspect.getdoc(thing) or "")]
    examples = {"Client", "Client.with_options", "Bulk.import_profiles", "Bulk.create_events"}
    assert examples | {"Page", "Page.pages", "RawResponse"} <= set(with_examples)


def test_all_that_is_imported_is_public() -> None:
    imported = {
        name
        for name, thing in vars(klaviyo_py).items()
        if not name.startswith("_") and not inspect.ismodule(thing)
    }
    shadowing = {"ConnectionError", "TimeoutError"}
    assert imported == set(klaviyo_py.__all__) - {"__version__"} | shadowing
    assert list(klaviyo_py.__all__) == sorted(klaviyo_py.__all__)
