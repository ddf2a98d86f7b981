"""The bulk operations beside imports and events, against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from klaviyo_py import Client, ConfigurationError, Sandbox

ADA = {"email": "ada@shop.example"}


def shirts(count: int) -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"SHIRT-{number}",
            "title": f"Shirt {number}",
            "description": "A white shirt",
            "url": f"https://shop.example/shirts/{number}",
        }
        for number in range(count)
    ]


def test_a_catalog_is_created_changed_and_deleted(client: Client) -> None:
    assert client.bulk.create_catalog_items(shirts(150)).completed == 150
    report = client.bulk.create_catalog_categories(
        [{"external_id": "SHIRTS", "name": "Shirts", "items": ["SHIRT-0", "SHIRT-1"]}]
    )
    assert report.completed == 1
    prices = [{"external_id": f"SHIRT-{number}", "price": number} for number in range(150)]
    assert client.bulk.update_catalog_items(prices).completed == 150
    item = client.catalogs.get_catalog_item("$custom:::$default:::SHIRT-7")
    assert item["data"]["attributes"]["price"] == 7
    assert item["data"]["attributes"]["title"] == "Shirt 7"
    assert client.bulk.delete_catalog_items(prices[:100]).rejected == 100
    gone = [{"external_id": row["external_id"]} for row in prices[:100]]
    assert client.bulk.delete_catalog_items(gone).completed == 100


def test_a_failure_goes_through_again_as_it_was_sent(client: Client) -> None:
    rows = shirts(1)
    assert client.bulk.create_catalog_items(rows).completed == 1
    report = client.bulk.create_catalog_items(rows)
    assert report.completed == 0
    [failure] = report.failures()
    client.bulk.delete_catalog_items([{"external_id": "SHIRT-0"}])
    assert client.bulk.create_catalog_items([failure.item]).completed == 1


def test_members_of_a_list_by_address(client: Client, sandbox: Sandbox) -> None:
    news = sandbox.create_list("News")
    people = [{"email": f"Customer-{number}@shop.example"} for number in range(250)]
    assert client.bulk.import_profiles(people).completed == 250
    report = client.bulk.add_profiles_to_list(
        [{"email": row["email"].upper()} for row in people] + [{"email": "no@shop.example"}], news
    )
    assert (report.completed, report.reasons) == (250, {"unknown_profile": 1})
    assert sandbox.state()["lists"][0]["profiles"] == 250
    assert client.bulk.remove_profiles_from_list(people[:50], news).completed == 50
    assert sandbox.state()["lists"][0]["profiles"] == 200


def test_consent_is_guarded(client: Client) -> None:
    rows = [ADA]
    with pytest.raises(ConfigurationError, match="consent=True"):
        client.bulk.subscribe_profiles(rows, channels=["email"])
    with pytest.raises(ConfigurationError, match="everywhere=True"):
        client.bulk.unsubscribe_profiles(rows, channels=["email"])
    report = client.bulk.subscribe_profiles(rows, consent=True)
    assert report.reasons == {"missing_channels": 1}
    assert client.bulk.subscribe_profiles(rows, consent=True, channels="email").accepted == 1
    report = client.bulk.subscribe_profiles(
        rows, consent=True, channels=["email"], historical_import=True
    )
    assert report.reasons == {"missing_consented_at": 1}


def test_nulls_clear_only_where_they_can(client: Client) -> None:
    with pytest.raises(ConfigurationError, match="create_or_update_profile"):
        client.bulk.import_profiles([ADA], nulls="clear")
    report = client.bulk.update_catalog_items([{"external_id": "1", "price": None}], nulls="clear")
    assert report.rejected == 0


def test_duplicates_are_warned_of_or_rejected(client: Client) -> None:
    rows = [ADA, {"email": "ADA@shop.example"}]
    [warning] = client.bulk.import_profiles(rows).warnings
    assert "row 1 with row 0" in warning
    report = client.bulk.import_profiles(rows, duplicates="reject")
    assert (report.completed, report.reasons) == (1, {"duplicate": 1})


def test_unknown_options_are_refused(client: Client) -> None:
    verbs: Any = client.bulk
    with pytest.raises(TypeError, match="colour"):
        verbs.import_profiles([ADA], colour="red")
    with pytest.raises(ConfigurationError, match="nulls must be"):
        verbs.import_profiles([ADA], nulls="drop")
    with pytest.raises(ConfigurationError, match='"run" or "content"'):
        verbs.create_events([], unique_id="row")
    with pytest.raises(ConfigurationError, match="one of them"):
        client.bulk.suppress_members()
