"""Events: none is lost, none is recorded twice."""

from __future__ import annotations

from typing import Any

from klaviyo_py import Client, Sandbox

ORDER = {
    "metric": "Placed Order",
    "external_id": "00001",
    "time": "2025-01-01T00:00:00Z",
    "value": 11.77,
    "value_currency": "USD",
    "properties.quantity": 1,
}


def test_events_arrive_with_all_that_they_say(client: Client, sandbox: Sandbox) -> None:
    report = client.bulk.create_events([ORDER])

    assert (report.rows, report.accepted) == (1, 1)
    [event] = sandbox.events("Placed Order")
    [profile] = sandbox.profiles(external_id="00001")
    assert event["profile_id"] == profile["id"]
    assert (event["value"], event["value_currency"]) == (11.77, "USD")
    assert event["properties"] == {"quantity": 1}
    assert event["time"] == ORDER["time"]


def test_identical_purchases_are_kept(client: Client, sandbox: Sandbox) -> None:
    report = client.bulk.create_events([ORDER] * 3)

    assert report.accepted == 3
    assert sandbox.state()["events"] == 3
    ids = [event["unique_id"] for event in sandbox.events("Placed Order")]
    assert ids == [f"{report.run_id}-{row}" for row in range(3)]


def test_a_repeated_run_adds_nothing_under_the_same_id(client: Client, sandbox: Sandbox) -> None:
    rows = [ORDER, ORDER, {**ORDER, "external_id": "00002"}]
    for run_id, held in [("monday", 3), ("monday", 3), ("tuesday", 6)]:
        assert client.bulk.create_events(rows, run_id=run_id).run_id == run_id
        assert sandbox.state()["events"] == held


def test_a_content_id_depends_on_the_content_alone(client: Client, sandbox: Sandbox) -> None:
    other = {**ORDER, "value": 12.0}
    first = client.bulk.create_events([ORDER, other], unique_id="content")
    again = client.bulk.create_events([other, ORDER], unique_id="content")

    assert (first.accepted, again.accepted) == (2, 2)
    assert sandbox.state()["events"] == 2


def test_identical_rows_of_one_content_are_told(client: Client, sandbox: Sandbox) -> None:
    report = client.bulk.create_events([ORDER, ORDER], unique_id="content")

    assert (report.accepted, report.rejected) == (1, 1)
    [failure] = report.failures()
    assert (failure.row, failure.code) == (1, "duplicate")
    assert sandbox.state()["events"] == 1


def test_an_id_of_its_own_is_sent(client: Client, sandbox: Sandbox) -> None:
    client.bulk.create_events([{**ORDER, "unique_id": "order-1"}])

    [event] = sandbox.events("Placed Order")
    assert event["unique_id"] == "order-1"


def test_rows_are_read_lazily(client: Client, sandbox: Sandbox) -> None:
    """When the last row is read, the first batches have arrived already."""
    arrived = []

    def rows() -> Any:
        for number in range(20_000):
            yield {**ORDER, "external_id": str(number)}
        arrived.append(sandbox.state()["events"])

    assert client.bulk.create_events(rows()).accepted == 20_000
    assert arrived[0] >= 1000
    assert sandbox.state()["events"] == 20_000
