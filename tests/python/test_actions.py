"""Single actions against the sandbox."""

from __future__ import annotations

import pytest

from klaviyo_py import Client, ConfigurationError, Sandbox, TimeoutError
from scripted import answering

ADA = {"email": "ada@shop.example", "first_name": "Ada", "location.city": "London"}


def test_an_upsert_creates_then_updates_and_none_clears(client: Client) -> None:
    written = client.actions.upsert_profile(ADA)
    assert written.created
    again = client.actions.upsert_profile({"email": "ada@shop.example", "first_name": None})
    assert again == (written.id, False)
    attributes = client.profiles.get_profile(written.id)["data"]["attributes"]
    assert attributes["first_name"] is None
    location = attributes["location"]
    assert location is not None
    assert location["city"] == "London"


def test_creating_what_exists_names_it_and_leaves_it(client: Client) -> None:
    ada = client.actions.create_profile(ADA)
    again = client.actions.create_profile({**ADA, "first_name": "Eve"})
    assert (ada.existed, again.existed, again.id) == (False, True, ada.id)
    assert client.profiles.get_profile(ada.id)["data"]["attributes"]["first_name"] == "Ada"


def test_an_event_is_recorded_with_its_profile(client: Client, sandbox: Sandbox) -> None:
    client.actions.create_event({"metric": "Placed Order", "email": "ada@shop.example", "value": 9})
    assert [event["value"] for event in sandbox.events("Placed Order")] == [9.0]


def test_a_list_is_created(client: Client) -> None:
    made = client.actions.create_list("Newsletter", opt_in_process="single_opt_in")
    attributes = client.lists.get_list(made)["data"]["attributes"]
    assert attributes["opt_in_process"] == "single_opt_in"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"first_name": "Ada"}, "identifies"),
        ({"email": "ada@shop.example", "frist_name": "Ada"}, "first_name"),
        ({"email": "ada@shop.example", "properties.x": object()}, "object"),
        ("ada@shop.example", "expected an object"),
    ],
)
def test_a_row_that_cannot_be_sent_is_refused_before(row: object, words: str) -> None:
    client = Client("pk_test", base_url="http://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match=words):
        client.actions.upsert_profile(row)  # type: ignore[arg-type]


def test_other_misuse_is_told() -> None:
    client = Client("pk_test", base_url="http://127.0.0.1:9")
    with pytest.raises(ConfigurationError, match="opt_in_process"):
        client.actions.create_list("News", opt_in_process="none")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="timeout"):
        client.actions.estimate_recipients("C1", timeout=-1)
    with pytest.raises(ConfigurationError, match="metric"):
        client.actions.create_event({"email": "ada@shop.example"})


def test_a_client_profile_carries_the_company_and_no_key() -> None:
    with answering(202) as (url, asked):
        client = Client("pk_test", base_url=url)
        client.actions.upsert_client_profile("AbC123", ADA)
    assert [request.target for request in asked] == ["/client/profiles?company_id=AbC123"]
    assert "authorization" not in asked[0].headers


def test_recipients_are_counted(client: Client) -> None:
    client.actions.upsert_profile(ADA)
    assert client.actions.estimate_recipients("C1", timeout=30) == 1


def test_counting_has_an_end() -> None:
    body = b'{"data": {"attributes": {"status": "processing"}}}'
    with answering(202, body) as (url, _):
        client = Client("pk_test", base_url=url)
        with pytest.raises(TimeoutError, match="processing"):
            client.actions.estimate_recipients("C1", timeout=0)
