"""Any operation of Klaviyo's API, under its tag and by its operationId."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import subprocess
import sys
from collections import UserDict
from datetime import datetime, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_type_hints, is_typeddict
from urllib.parse import unquote

import pytest

from klaviyo_py import Client, ConflictError, NotFoundError, Sandbox
from klaviyo_py.operations import Operations, types

DOCUMENT = max(Path(__file__).parents[2].glob("openapi/klaviyo-*.json"))


def documented_operations() -> dict[str, str]:
    """The tag of every operation, by operationId."""
    paths = json.loads(DOCUMENT.read_text())["paths"].values()
    operations = [operation for item in paths for operation in item.values()]
    return {one["operationId"]: one["tags"][0] for one in operations if "operationId" in one}


def as_attribute(tag: str) -> str:
    return tag.lower().replace(" ", "_")


def profile_body(**attributes: Any) -> Any:
    return {"data": {"type": "profile", "attributes": attributes}}


def list_body(name: Any) -> Any:
    return {"data": {"type": "list", "attributes": {"name": name}}}


def test_every_operation_is_a_method_with_its_reference(client: Client) -> None:
    operations = documented_operations()
    assert len(operations) > 400
    for operation, tag in operations.items():
        methods = getattr(client, as_attribute(tag))
        text = inspect.getdoc(getattr(methods, operation)) or ""
        assert text.startswith("`"), operation
        assert f"https://developers.klaviyo.com/en/reference/{operation})" in text
        assert "- Revision: " in text


def test_there_are_no_methods_beside_the_operations(client: Client) -> None:
    operations = documented_operations()
    for attribute in {as_attribute(tag) for tag in operations.values()}:
        methods = type(getattr(client, attribute))
        public = {name for name in vars(methods) if not name.startswith("_")}
        public.remove("with_raw_response")
        assert {as_attribute(operations[name]) for name in public} == {attribute}


def test_tags_are_properties_and_documented() -> None:
    tags = {as_attribute(tag) for tag in documented_operations().values()}
    properties = {name for name, it in vars(Operations).items() if isinstance(it, property)}
    assert properties == tags
    assert all(inspect.getdoc(getattr(Operations, name)) for name in properties)


def test_a_tag_is_imported_when_it_is_first_asked_for() -> None:
    program = """
import sys, klaviyo_py
loaded = lambda: {name for name in sys.modules if name.startswith("klaviyo_py.operations.")}
assert not loaded(), loaded()
klaviyo_py.Client("pk_x").lists
assert loaded() == {"klaviyo_py.operations.lists"}, loaded()
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_what_is_created_can_be_read(client: Client) -> None:
    created = client.profiles.create_profile(profile_body(email="ada@shop.example"))
    profile_id = created["data"]["id"]
    answer = client.profiles.get_profile(profile_id)
    assert answer["data"]["attributes"]["email"] == "ada@shop.example"
    assert client.profiles.get_profile(id=profile_id) == answer


def test_a_page_is_of_the_size_and_of_what_the_filter_asks_for(client: Client) -> None:
    for name in ("ada", "bo", "cy"):
        client.profiles.create_profile(profile_body(email=f"{name}@shop.example"))
    page = client.profiles.get_profiles(page_size=2)
    assert len(page["data"]) == 2
    assert page["links"]["next"] is not None
    filtered = client.profiles.get_profiles(filter='equals(email,"bo@shop.example")')
    assert [one["attributes"]["email"] for one in filtered["data"]] == ["bo@shop.example"]


@pytest.mark.parametrize("fields", [["email", "first_name"], ("email", "first_name")])
def test_arrays_are_joined_by_commas(client: Client, fields: Any) -> None:
    client.profiles.create_profile(profile_body(email="ada@shop.example", last_name="L"))
    page = client.profiles.get_profiles(fields_profile=fields)
    assert "email,first_name" in unquote(str(page.links["self"]))
    assert set(page["data"][0]["attributes"]) <= {"email", "first_name"}


def test_an_answer_without_a_body_is_none(client: Client, sandbox: Sandbox) -> None:
    created = client.lists.create_list(list_body("VIP"))
    profile = client.profiles.create_profile(profile_body(email="ada@shop.example"))
    body: Any = {"data": [{"type": "profile", "id": profile["data"]["id"]}]}
    assert client.lists.add_profiles_to_list(created["data"]["id"], body) is None  # type: ignore[func-returns-value]


def test_a_body_may_hold_what_has_a_json_form(client: Client) -> None:
    when = datetime(2026, 11, 1, 9, 30, tzinfo=timezone.utc)
    properties = {"when": when, "deep": [[[{"a": {"b": {"c": ("d", None, True, 1.5)}}}]]]}
    body = profile_body(email="ada@shop.example", properties=UserDict(properties))
    created = client.profiles.create_profile(MappingProxyType(body))  # type: ignore[arg-type]
    assert created["data"]["attributes"]["properties"] == {
        "when": "2026-11-01T09:30:00+00:00",
        "deep": [[[{"a": {"b": {"c": ["d", None, True, 1.5]}}}]]],
    }


def test_a_refusal_is_the_exception_of_its_status(client: Client) -> None:
    client.profiles.create_profile(profile_body(email="ada@shop.example"))
    with pytest.raises(ConflictError) as refused:
        client.profiles.create_profile(profile_body(email="ada@shop.example"))
    assert refused.value.operation == "create_profile"
    assert refused.value.code == "duplicate_profile"
    existing = refused.value.existing_id
    assert existing is not None
    assert (
        client.profiles.get_profile(existing)["data"]["attributes"]["email"] == "ada@shop.example"
    )
    with pytest.raises(NotFoundError):
        client.lists.get_list("NoSuch")


# Nothing listens there: whatever is sent ends in a ConnectionError.
UNREACHABLE = Client("pk_x", base_url="http://127.0.0.1:9", max_retries=0)


@pytest.mark.parametrize(
    ("method", "arguments", "named", "says"),
    [
        ("get_profiles", (), {"pagesize": 1}, ["get_profiles()", "pagesize"]),
        ("get_profiles", (), {"page_size": "1"}, ["get_profiles()", "page_size", "int", "str"]),
        ("get_profiles", (), {"page_size": True}, ["page_size", "an int", "bool"]),
        ("get_profiles", (), {"filter": 1}, ["get_profiles()", "filter", "a str", "int"]),
        ("get_profiles", (), {"fields_profile": "email"}, ["fields_profile", "a list or tuple"]),
        ("get_profiles", (), {"fields_profile": [1]}, ["fields_profile", "of str", "int in it"]),
        ("get_profiles", ("email",), {}, ["get_profiles()", "positional"]),
        ("get_profile", (), {}, ["get_profile()", "'id'"]),
        ("get_profile", (7,), {}, ["get_profile()", "a str for id", "int"]),
        ("get_profile", (None,), {}, ["get_profile()", "a str for id", "None"]),
        ("get_profiles", (), {"page_cursor": 7}, ["get_profiles()", "page_cursor", "int"]),
        ("create_profile", ("{}",), {}, ["create_profile()", "a dict for body", "str"]),
        ("create_profile", (), {}, ["create_profile()", "missing 'body'", "it takes body"]),
        ("create_profile", ([1],), {}, ["create_profile()", "a dict for body", "list"]),
        ("create_profile", (None,), {}, ["create_profile()", "a dict for body", "None"]),
        ("create_profile", ({"data": {1}},), {}, ["create_profile()", "set"]),
        ("create_profile", ({1: "data"},), {}, ["create_profile()", "texts"]),
    ],
)
def test_a_wrong_argument_is_a_type_error_before_anything_is_sent(
    method: str, arguments: tuple[Any, ...], named: dict[str, Any], says: list[str]
) -> None:
    with pytest.raises(TypeError) as wrong:
        getattr(UNREACHABLE.profiles, method)(*arguments, **named)
    for words in says:
        assert words in str(wrong.value)


@pytest.mark.parametrize("value", [float("nan"), 2**64, "\ud800"])
def test_a_value_without_json_form_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match=r"create_profile\(\) cannot send its body"):
        UNREACHABLE.profiles.create_profile(profile_body(properties={"it": value}))


def test_a_body_that_holds_itself_is_told() -> None:
    body = profile_body(email="ada@shop.example")
    body["data"]["attributes"]["properties"] = {"it": body}
    with pytest.raises(ValueError, match="the value holds itself"):
        UNREACHABLE.profiles.create_profile(body)


def test_what_a_body_raises_is_raised_when_it_is_no_failure_of_the_body() -> None:
    class Stops(UserDict[str, object]):
        def items(self) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        UNREACHABLE.profiles.create_profile(profile_body(properties=Stops()))


def test_a_tag_says_whose_it_is(client: Client) -> None:
    assert repr(client.custom_objects) == f"{client!r}.custom_objects"


@pytest.mark.skipif(sys.version_info < (3, 11), reason="typing has no NotRequired before")
def test_types_can_be_looked_at_when_a_program_runs() -> None:
    count = 0
    for module in pkgutil.iter_modules(types.__path__):
        members = vars(importlib.import_module(f"{types.__name__}.{module.name}"))
        for member in filter(is_typeddict, members.values()):
            count += bool(get_type_hints(member))
    assert count > 1000
