"""Klaviyo's own Python SDK at the sandbox: what it sends is taken, what it gets it can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from klaviyo_py import Sandbox
from missing import required

sdk: Any = required("klaviyo_api")

# Operations that were asked for by any test of this module, and answered.
answered: set[str] = set()


@pytest.fixture
def klaviyo(sandbox: Sandbox) -> Iterator[Any]:
    yield sdk.KlaviyoAPI(sandbox.api_key, max_retries=1, test_host=sandbox.url)
    for operation, requests in sandbox.state()["requests"].items():
        if any(int(status) < 300 for status in requests["statuses"]):
            answered.add(operation)


def resource(kind: str, relationships: Any = None, **attributes: Any) -> Any:
    data: dict[str, Any] = {"type": kind, "attributes": attributes}
    if relationships:
        data["relationships"] = {name: {"data": to} for name, to in relationships.items()}
    return {"data": data}


def linkage(kind: str, *ids: str) -> Any:
    return {"data": [{"type": kind, "id": each} for each in ids]}


def changed(kind: str, identity: str, **attributes: Any) -> Any:
    return {"data": {"type": kind, "id": identity, "attributes": attributes}}


def profiles(*emails: str, **attributes: Any) -> Any:
    rows = [{"type": "profile", "attributes": {"email": each, **attributes}} for each in emails]
    return {"data": rows}


def refusal(call: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[int, list[Any]]:
    """The status and the errors of a call that is refused."""
    with pytest.raises(sdk.openapi_client.ApiException) as caught:
        call(*arguments, **named)
    return caught.value.status, caught.value.data.errors


def ada(klaviyo: Any) -> str:
    body = resource("profile", email="ada@shop.example", first_name="Ada")
    identity: str = klaviyo.Profiles.create_profile(body).data.id
    return identity


def test_a_profile_is_created_read_changed_and_merged(klaviyo: Any) -> None:
    api = klaviyo.Profiles
    first = ada(klaviyo)
    assert api.get_profile(first).data.attributes.first_name == "Ada"
    api.update_profile(first, changed("profile", first, title="Countess"))
    again = api.create_or_update_profile(resource("profile", email="ada@shop.example"))
    assert (again.data.id, again.data.attributes.title) == (first, "Countess")
    other = api.create_profile(resource("profile", external_id="7")).data.id
    merging: Any = {"data": {"type": "profile-merge", "id": first}}
    merging["data"]["relationships"] = {"profiles": linkage("profile", other)}
    assert api.merge_profiles(merging).data.id == first
    assert api.get_lists_for_profile(first).data == []
    assert api.get_list_ids_for_profile(first).data == []
    assert api.get_segments_for_profile(first).data == []
    assert api.get_segment_ids_for_profile(first).data == []


def test_errors_arrive_as_the_sdks_own(klaviyo: Any) -> None:
    first = ada(klaviyo)
    again = resource("profile", email="ADA@shop.example")
    with pytest.raises(sdk.openapi_client.ApiException) as caught:
        klaviyo.Profiles.create_profile(again)
    assert caught.value.status == 409
    assert first in caught.value.body
    status, errors = refusal(klaviyo.Profiles.get_profile, "nobody")
    assert (status, errors[0].code) == (404, "not_found")
    status, errors = refusal(klaviyo.Profiles.create_profile, resource("profile", email="no"))
    assert (status, errors[0].source.pointer) == (400, "/data/attributes/email")
    stranger = sdk.KlaviyoAPI("pk_stranger", max_retries=1, test_host=klaviyo.test_host)
    assert refusal(stranger.Accounts.get_accounts)[0] == 401


def test_throttling_is_waited_out() -> None:
    with Sandbox() as limited:
        limited.inject("throttle", seconds=1, operation="create_list", times=1)
        klaviyo = sdk.KlaviyoAPI(limited.api_key, max_retries=3, test_host=limited.url)
        klaviyo.Lists.create_list(resource("list", name="News"))
        assert limited.state()["requests"]["create_list"]["statuses"] == {"201": 1, "429": 1}


def test_pages_are_followed(klaviyo: Any) -> None:
    for number in range(5):
        klaviyo.Profiles.create_profile(resource("profile", external_id=str(number)))
    cursor, seen = None, []
    for _ in range(3):
        page = klaviyo.Profiles.get_profiles(page_size=2, page_cursor=cursor, sort="created")
        seen += [profile.attributes.external_id for profile in page.data]
        cursor = page.links.next
    assert (seen, cursor) == (["0", "1", "2", "3", "4"], None)


def test_an_import_and_its_errors(klaviyo: Any) -> None:
    api = klaviyo.Profiles
    news = klaviyo.Lists.create_list(resource("list", name="News")).data.id
    rows = profiles("a@shop.example", "b@shop.example", phone_number="+390110000000")
    body = resource(
        "profile-bulk-import-job", {"lists": [{"type": "list", "id": news}]}, profiles=rows
    )
    job = api.bulk_import_profiles(body).data.id
    assert api.get_bulk_import_profiles_job(job).data.attributes.completed_count == 1
    assert [each.id for each in api.get_bulk_import_profiles_jobs().data] == [job]
    errors = api.get_errors_for_bulk_import_profiles_job(job).data
    assert errors[0].attributes.original_payload["attributes"]["email"] == "b@shop.example"
    assert len(api.get_profiles_for_bulk_import_profiles_job(job).data) == 1
    assert len(api.get_profile_ids_for_bulk_import_profiles_job(job).data) == 1
    assert api.get_list_for_bulk_import_profiles_job(job).data[0].id == news
    assert api.get_list_ids_for_bulk_import_profiles_job(job).data[0].id == news


def test_lists(klaviyo: Any) -> None:
    api = klaviyo.Lists
    news = api.create_list(resource("list", name="News")).data.id
    someone = ada(klaviyo)
    api.add_profiles_to_list(news, linkage("profile", someone))
    assert [each.id for each in api.get_profiles_for_list(news).data] == [someone]
    assert [each.id for each in api.get_profile_ids_for_list(news).data] == [someone]
    api.remove_profiles_from_list(news, linkage("profile", someone))
    assert api.update_list(news, changed("list", news, name="Old")).data.attributes.name == "Old"
    assert api.get_list(news).data.attributes.name == "Old"
    assert [each.id for each in api.get_lists().data] == [news]
    api.delete_list(news)
    assert api.get_lists().data == []


def order(unique_id: str, value: float = 9.5) -> Any:
    metric = resource("metric", name="Placed Order")
    attributes = {"metric": metric, "unique_id": unique_id, "value": value, "properties": {"n": 1}}
    return {"type": "event", "attributes": attributes}


def test_events_and_metrics(klaviyo: Any) -> None:
    api = klaviyo.Events
    profile = resource("profile", email="ada@shop.example")
    single = order("1")
    single["attributes"]["profile"] = profile
    api.create_event({"data": single})
    group = {"profile": profile, "events": {"data": [order("2"), order("3")]}}
    groups = {"data": [{"type": "event-bulk-create", "attributes": group}]}
    api.bulk_create_events(resource("event-bulk-create-job", **{"events-bulk-create": groups}))
    events = api.get_events().data
    assert len(events) == 3
    event = events[0].id
    assert api.get_event(event).data.id == event
    metric = klaviyo.Metrics.get_metrics().data[0]
    assert metric.attributes.name == "Placed Order"
    assert klaviyo.Metrics.get_metric(metric.id).data.id == metric.id
    assert api.get_metric_for_event(event).data.id == metric.id
    someone = api.get_profile_for_event(event).data
    assert someone.attributes.email == "ada@shop.example"


def agreeing(email: str, consent: str) -> Any:
    subscriptions = {"email": {"marketing": {"consent": consent}}}
    return profiles(email, subscriptions=subscriptions)


def test_subscriptions_and_suppressions(klaviyo: Any) -> None:
    api = klaviyo.Profiles
    someone, email = ada(klaviyo), "ada@shop.example"
    news = klaviyo.Lists.create_list(
        resource("list", name="News", opt_in_process="single_opt_in")
    ).data.id
    body = resource(
        "profile-subscription-bulk-create-job",
        {"list": {"type": "list", "id": news}},
        profiles=agreeing(email, "SUBSCRIBED"),
    )
    api.bulk_subscribe_profiles(body)
    shown = api.get_profile(someone, additional_fields_profile=["subscriptions"]).data.attributes
    assert shown.subscriptions.email.marketing.consent == "SUBSCRIBED"
    api.bulk_unsubscribe_profiles(
        resource("profile-subscription-bulk-delete-job", profiles=agreeing(email, "UNSUBSCRIBED"))
    )
    job = api.bulk_suppress_profiles(
        resource("profile-suppression-bulk-create-job", profiles=profiles(email))
    ).data.id
    assert api.get_bulk_suppress_profiles_job(job).data.attributes.completed_count == 1
    assert [each.id for each in api.get_bulk_suppress_profiles_jobs().data] == [job]
    job = api.bulk_unsuppress_profiles(
        resource("profile-suppression-bulk-delete-job", profiles=profiles(email))
    ).data.id
    assert api.get_bulk_unsuppress_profiles_job(job).data.id == job


def item(identity: str) -> Any:
    shown = {"title": "Hat", "description": "A hat", "url": "https://shop.example/hat"}
    return resource("catalog-item", external_id=identity, **shown)


def test_the_catalog(klaviyo: Any) -> None:
    api = klaviyo.Catalogs
    hat = api.create_catalog_item(item("hat")).data.id
    assert api.get_catalog_item(hat).data.attributes.title == "Hat"
    api.update_catalog_item(hat, changed("catalog-item", hat, title="Bonnet"))
    assert api.get_catalog_items().data[0].attributes.title == "Bonnet"
    hats = api.create_catalog_category(
        resource("catalog-category", external_id="hats", name="Hats")
    ).data.id
    api.add_items_to_catalog_category(hats, linkage("catalog-item", hat))
    assert api.get_items_for_catalog_category(hats).data[0].id == hat
    assert api.get_categories_for_catalog_item(hat).data[0].id == hats
    size = resource(
        "catalog-variant", {"item": {"type": "catalog-item", "id": hat}}, external_id="hat-m",
        title="M", description="Medium", sku="HAT-M", inventory_quantity=3, price=20.0,
        url="https://shop.example/hat",
    )  # fmt: skip
    api.create_catalog_variant(size)
    assert api.get_variants_for_catalog_item(hat).data[0].attributes.sku == "HAT-M"
    rows = {"data": [item("cap")["data"], item("hat")["data"]]}
    job = api.bulk_create_catalog_items(
        resource("catalog-item-bulk-create-job", items=rows)
    ).data.id
    ended = api.get_bulk_create_catalog_items_job(job).data.attributes
    assert (ended.completed_count, ended.failed_count) == (1, 1)
    api.delete_catalog_item(hat)
    assert refusal(api.get_catalog_item, hat)[0] == 404


def test_coupons(klaviyo: Any) -> None:
    api = klaviyo.Coupons
    ten = api.create_coupon(resource("coupon", external_id="TEN", description="Ten off")).data.id
    assert [each.id for each in api.get_coupons().data] == [ten]
    assert api.get_coupon(ten).data.attributes.external_id == "TEN"
    to_ten = {"coupon": {"type": "coupon", "id": ten}}
    code = api.create_coupon_code(resource("coupon-code", to_ten, unique_code="TEN-1")).data.id
    assert api.get_coupon_code(code).data.attributes.status == "UNASSIGNED"
    assert api.get_coupon_code_ids_for_coupon(ten).data[0].id == code
    assert api.get_coupon_codes(filter='equals(coupon.id,"TEN")').data[0].id == code
    api.delete_coupon_code(code)
    api.delete_coupon(ten)
    assert api.get_coupons().data == []


def test_segments_and_accounts(klaviyo: Any) -> None:
    assert klaviyo.Segments.get_segments().data == []
    assert refusal(klaviyo.Segments.get_segment, "XyZ")[0] == 404
    assert klaviyo.Accounts.get_accounts().data


def test_these_were_forty_operations_at_least() -> None:
    assert len(answered) >= 40, sorted(answered)
