"""Lists come as pages, and iterating goes on over all of them."""

from __future__ import annotations

from typing import Any

import pytest

from klaviyo_py import Client, ConfigurationError, KlaviyoError, Page, Sandbox
from scripted import answering


def requests(sandbox: Sandbox) -> int:
    """How many pages of profiles were asked for."""
    asked: int = sandbox.state()["requests"]["get_profiles"]["statuses"]["200"]
    return asked


@pytest.fixture
def five(client: Client) -> list[str]:
    """The ids of five profiles."""
    rows = [{"external_id": f"c{number}"} for number in range(5)]
    assert client.bulk.import_profiles(rows).completed == 5
    return [profile["id"] for profile in client.profiles.get_profiles()]


def test_iterating_goes_on_over_all_pages(client: Client, five: list[str]) -> None:
    page = client.profiles.get_profiles(page_size=2)
    assert len(page.data) == 2
    assert [profile["id"] for profile in page] == five
    assert [profile["id"] for profile in page] == five, "and does so again"


def test_a_page_is_asked_for_when_its_turn_comes(
    client: Client, sandbox: Sandbox, five: list[str]
) -> None:
    before = requests(sandbox)
    items = iter(client.profiles.get_profiles(page_size=2))
    assert [next(items)["id"], next(items)["id"]] == five[:2]
    assert requests(sandbox) == before + 1
    assert next(items)["id"] == five[2]
    assert requests(sandbox) == before + 2


def test_pages_follow_each_other_to_the_last(client: Client, five: list[str]) -> None:
    first = client.profiles.get_profiles(page_size=2)
    assert [len(page.data) for page in first.pages()] == [2, 2, 1]
    *_, last = first.pages()
    assert (last.cursor, last.next_page()) == (None, None)
    assert repr(first) == "<Page of get_profiles: 2 items, more behind it>"
    assert repr(last) == "<Page of get_profiles: 1 items, the last>"


def test_a_kept_cursor_goes_on_with_its_parameters(
    client: Client, sandbox: Sandbox, five: list[str]
) -> None:
    kept = client.profiles.get_profiles(page_size=2, fields_profile=["email"]).cursor
    before = requests(sandbox)
    rest = client.profiles.get_profiles(page_cursor=kept)
    assert [profile["id"] for profile in rest] == five[2:]
    assert requests(sandbox) == before + 2
    assert set(rest.data[0]["attributes"]) == {"email"}
    same = client.profiles.get_profiles(page_cursor=kept, page_size=2)
    assert same.data == rest.data
    with pytest.raises(ConfigurationError, match=r"get_profiles with page\[size\]=3"):
        client.profiles.get_profiles(page_cursor=kept, page_size=3)
    with pytest.raises(ConfigurationError, match="not one of get_lists"):
        client.lists.get_lists(page_cursor=kept)


def test_klaviyos_own_cursor_is_taken_too(client: Client, five: list[str]) -> None:
    page = client.profiles.get_profiles(page_size=2)
    own = str(page.links["next"]).partition("page%5Bcursor%5D=")[2].partition("&")[0]
    assert own
    rest = client.profiles.get_profiles(page_size=2, page_cursor=own)
    assert rest.data[0]["id"] == five[2]


def test_the_members_of_the_answer_are_there(client: Client, five: list[str]) -> None:
    page = client.profiles.get_profiles(page_size=2)
    assert page["data"] is page.data is page.body["data"]
    assert page["links"] is page.links
    assert "data" in page
    assert "nothing" not in page
    assert page.included == []
    with pytest.raises(KeyError, match="nothing"):
        page["nothing"]


@pytest.mark.parametrize("body", [b"{}", b'{"data": null, "links": null, "included": null}'])
def test_a_page_may_lack_everything(body: bytes) -> None:
    with answering(200, body) as (url, _):
        page = Client("pk_x", base_url=url).profiles.get_profiles()
        assert (page.data, page.included, page.links, list(page)) == ([], [], {}, [])


def test_a_page_that_is_no_json_is_told() -> None:
    with answering(200, b"<html>") as (url, _), pytest.raises(KlaviyoError, match="get_profiles"):
        Client("pk_x", base_url=url).profiles.get_profiles()


def test_related_things_are_included() -> None:
    body = b'{"data": [{"type": "event", "id": "1"}], "included": [{"type": "metric", "id": "2"}]}'
    with answering(200, body) as (url, asked):
        page = Client("pk_x", base_url=url).events.get_events(include=["metric"])
    assert [one["type"] for one in page.included] == ["metric"]
    assert asked[0].target == "/api/events?include=metric"


def test_the_type_of_a_page_says_of_what_it_is() -> None:
    assert Page[int] is not None
    assert Page[int, str] is not None
    page: Any = Page[int]
    assert page.__origin__ is Page
