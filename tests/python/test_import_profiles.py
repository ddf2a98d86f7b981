"""Profiles: what is imported, what Klaviyo refuses, what is not waited for."""

from __future__ import annotations

from klaviyo_py import Client, Sandbox


def test_profiles_join_a_list(client: Client, sandbox: Sandbox) -> None:
    newsletter = sandbox.create_list("Newsletter")
    rows = ({"external_id": str(number), "properties.number": number} for number in range(2500))

    report = client.bulk.import_profiles(rows, list_id=newsletter)

    assert (report.rows, report.completed, report.jobs, report.batches) == (2500, 2500, 1, 1)
    assert report.operation == "bulk_import_profiles"
    assert list(report.failures()) == []
    state = sandbox.state()
    assert state["profiles"] == 2500
    assert state["lists"] == [{"id": newsletter, "name": "Newsletter", "profiles": 2500}]
    assert report.requests == sum(
        requests["total"]
        for operation, requests in state["requests"].items()
        if operation != "create_list"
    )
    assert report.bytes_sent == state["requests"]["bulk_import_profiles"]["bytes"]


def test_what_klaviyo_refuses_has_failed_and_the_others_are_completed(client: Client) -> None:
    phone = {"phone_number": "+12025550123"}
    rows = [
        {"email": "ada@shop.example", **phone},
        {"email": "bo@shop.example", **phone},
        {"email": "cy@shop.example"},
    ]

    report = client.bulk.import_profiles(rows)

    assert (report.completed, report.failed) == (2, 1)
    [failure] = report.failures()
    assert (failure.row, failure.outcome) == (1, "failed")
    assert failure.code
    assert failure.detail
    assert failure.item["attributes"] == rows[1]


def test_jobs_are_not_waited_for_on_request(client: Client, sandbox: Sandbox) -> None:
    report = client.bulk.import_profiles([{"external_id": "1"}], wait=False)

    assert (report.accepted, report.completed) == (1, 0)
    assert list(sandbox.state()["requests"]) == ["bulk_import_profiles"]


def test_unknown_names_become_properties_on_request(client: Client, sandbox: Sandbox) -> None:
    rows = [{"external_id": "1", "Shoe size": 39, "location.city": "London"}]

    report = client.bulk.import_profiles(rows, extra="properties", wait=False)

    assert report.accepted == 1
    [profile] = sandbox.profiles()
    assert profile["properties"] == {"Shoe size": 39}
    assert profile["attributes"] == {"location": {"city": "London"}}


def test_nulls_are_left_out_or_reject_the_row(client: Client, sandbox: Sandbox) -> None:
    rows = [{"external_id": "1", "first_name": None, "properties": {"size": None, "in": [None]}}]

    assert client.bulk.import_profiles(rows, wait=False).accepted == 1
    [profile] = sandbox.profiles()
    assert (profile["attributes"], profile["properties"]) == ({}, {"in": [None]})

    report = client.bulk.import_profiles(rows, nulls="reject", wait=False)
    [failure] = report.failures()
    assert (failure.code, failure.pointer) == ("null", "first_name")
