"""Clients that differ in options only, answers with their status, earlier names, closing."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from klaviyo_py import (
    Client,
    ConfigurationError,
    NotFoundError,
    Page,
    RateLimitError,
    RawResponse,
    Sandbox,
    ServerError,
)
from scripted import answering

DOCUMENT = max(Path(__file__).parents[2].glob("openapi/klaviyo-*.json"))

LIST: Any = {"data": {"type": "list", "attributes": {"name": "VIP"}}}


def earlier_names() -> list[tuple[str, str, str]]:
    """Tag, earlier name and name of every operation that was once called otherwise."""
    paths = json.loads(DOCUMENT.read_text())["paths"].values()
    operations = [one for item in paths for one in item.values() if "operationId" in one]
    return [
        (one["tags"][0].lower().replace(" ", "_"), earlier, one["operationId"])
        for one in operations
        for earlier in one.get("x-klaviyo-operation-aliases", [])
    ]


def test_other_options_hold_for_the_new_client_only() -> None:
    with answering(200, b'{"data": []}') as (url, asked):
        client = Client("pk_x", base_url=url)
        client.with_options(revision="2025-01-15").profiles.get_profiles()
        client.profiles.get_profiles()
        Client("pk_x", base_url=url, revision="2024-10-15").profiles.get_profiles()
    revisions = [request.headers["revision"] for request in asked]
    assert revisions[0] == "2025-01-15"
    assert revisions[1] not in ("2025-01-15", "2024-10-15")
    assert revisions[2] == "2024-10-15"
    assert {request.headers["authorization"] for request in asked} == {"Klaviyo-API-Key pk_x"}


def test_an_account_may_have_other_limits() -> None:
    # Usually the list's second dozen of requests has to wait for the next second.
    members = [{"id": f"member-{number}"} for number in range(15_000)]
    with answering(204) as (url, asked):
        client = Client("pk_x", base_url=url, limits={"add_profiles_to_list": (1_000, 10_000)})
        report = client.bulk.add_profiles_to_list(members, "XyZ")
    assert len(asked) == report.batches == 15
    assert report.waited < 0.5
    with pytest.raises(ConfigurationError, match=r'create_lists.*did you mean "create_list"'):
        Client("pk_x", limits={"create_lists": (1, 1)})


def test_repeats_can_be_switched_off_for_a_call() -> None:
    with answering(503) as (url, asked), pytest.raises(ServerError):
        Client("pk_x", base_url=url).with_options(max_retries=0).profiles.get_profiles()
    assert len(asked) == 1


def test_a_limit_is_one_for_all_options() -> None:
    with answering(429, headers={"Retry-After": "4000"}) as (url, asked):
        client = Client("pk_x", base_url=url)
        with pytest.raises(RateLimitError) as told:
            client.lists.create_list(LIST)
        assert told.value.retry_after == 4000.0
        for options in ({"timeout": 5}, {"share": 0.5}):
            with pytest.raises(RateLimitError) as known:
                client.with_options(**options).lists.create_list(LIST)
            assert not known.value.headers
    assert len(asked) == 1


def test_a_client_of_ones_own_class_stays_of_it(sandbox: Sandbox) -> None:
    class Shop(Client):
        def __new__(cls, name: str, **options: Any) -> Shop:
            return super().__new__(cls, sandbox.api_key, base_url=sandbox.url)

        def __init__(self, name: str) -> None:
            self.name = name

    shop = Shop("north").with_options(timeout=5)
    assert isinstance(shop, Shop)
    assert shop.name == "north"
    assert shop.profiles.get_profiles().data == []
    assert repr(shop) == repr(sandbox.client())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"timeout": 0}, "timeout"),
        ({"share": 0}, "share"),
        ({"share": 1.5}, "at most 1"),
        ({"revision": "2025\n"}, "revision"),
    ],
)
def test_options_that_cannot_be_used_are_told(client: Client, options: Any, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        client.with_options(**options)


def test_a_client_is_closed_at_the_end_of_its_block(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        sibling = client.with_options(timeout=5)
        assert client.profiles.get_profiles().data == []
    with pytest.raises(ConfigurationError, match="closed"):
        client.profiles.get_profiles()
    with pytest.raises(ConfigurationError, match="closed"):
        client.bulk.import_profiles([{"external_id": "1"}])
    client.close()
    assert sibling.profiles.get_profiles().data == []


def test_a_raw_response_has_status_and_headers(client: Client) -> None:
    answer = client.lists.with_raw_response.create_list(LIST)
    assert answer.status == 201
    assert answer.headers["content-type"].startswith("application/vnd.api+json")
    created = answer.parse()
    assert created == json.loads(answer.content)
    assert repr(answer) == "<RawResponse of create_list: 201>"
    gone = client.lists.with_raw_response.delete_list(created["data"]["id"])
    assert (gone.status, gone.content) == (204, b"")
    assert gone.parse() is None
    assert repr(client.lists.with_raw_response) == f"{client!r}.lists.with_raw_response"


def test_a_raw_response_of_a_list_gives_its_page(client: Client) -> None:
    for name in ("a", "b", "c"):
        client.profiles.with_raw_response.create_profile(
            {"data": {"type": "profile", "attributes": {"external_id": name}}}
        )
    answer = client.profiles.with_raw_response.get_profiles(page_size=2)
    assert isinstance(answer, RawResponse)
    page = answer.parse()
    assert isinstance(page, Page)
    assert len([profile["id"] for profile in page]) == 3


def test_a_refusal_is_raised_all_the_same(client: Client) -> None:
    with pytest.raises(NotFoundError) as refused:
        client.lists.with_raw_response.get_list("NoSuch")
    assert refused.value.headers["content-type"]


def test_earlier_names_are_the_same_with_a_warning(client: Client) -> None:
    names = earlier_names()
    assert len(names) > 300
    for tag, earlier, current in names:
        methods = getattr(client, tag)
        with pytest.warns(DeprecationWarning, match=rf"{earlier}\(\) is called {current}\(\) now"):
            method = getattr(methods, earlier)
        assert method == getattr(methods, current)


def test_the_warning_is_at_the_line_that_calls(client: Client) -> None:
    list_id = client.lists.create_list(LIST)["data"]["id"]
    lists: Any = client.lists
    raw: Any = client.lists.with_raw_response
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert lists.get_list_tags(list_id).data == []
        assert raw.get_list_tags(list_id).status == 200
    assert {(warning.filename, warning.category) for warning in caught} == {
        (__file__, DeprecationWarning)
    }


@pytest.mark.parametrize("name", ["get_lits", "get_profiles", "get_event_metric", "__array__"])
def test_what_is_no_operation_of_the_tag_is_an_attribute_error(client: Client, name: str) -> None:
    with pytest.raises(AttributeError, match=f"no operation '{name}'"):
        getattr(client.lists, name)
