"""The ends of rows one by one, while the run goes on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from klaviyo_py import AuthenticationError, Client, OutcomeStream, Sandbox


def events(count: int | None = None) -> Iterator[dict[str, str]]:
    numbers = itertools.count() if count is None else range(count)
    return ({"metric": "Viewed", "external_id": str(number)} for number in numbers)


def test_every_row_has_its_end_once(client: Client) -> None:
    rows = [*events(2500), {"metric": "Viewed"}, *events(10)]
    with client.bulk.stream.create_events(rows) as outcomes:
        seen = {row: (outcome, failure) for row, outcome, failure in outcomes}
    assert sorted(seen) == list(range(2511))
    outcome, failure = seen.pop(2500)
    assert outcome == "rejected"
    assert failure is not None
    assert failure.code == "missing_identifier"
    assert set(seen.values()) == {("accepted", None)}
    assert outcomes.report is not None
    assert (outcomes.report.accepted, outcomes.report.rejected) == (2510, 1)
    assert list(outcomes) == []


def test_rows_are_read_as_the_stream_is(client: Client) -> None:
    read = 0

    def rows() -> Iterator[dict[str, str]]:
        nonlocal read
        for row in events():
            read += 1
            yield row

    outcomes = client.bulk.stream.create_events(rows())
    assert read == 0
    for _ in range(5000):
        next(outcomes)
    # What is under way, what waits for its reader, and what is being packed.
    assert read <= 5000 + 10_000 + 15 * 1000
    assert outcomes.report is None
    outcomes.close()


def test_leaving_early_ends_the_run_in_order(sandbox: Sandbox, client: Client) -> None:
    with client.bulk.stream.create_events(events()) as outcomes:
        for outcome in outcomes:
            assert outcome.outcome == "accepted"
            break
    report = outcomes.report
    assert report is not None
    assert report.unknown == 0
    assert report.rows == report.accepted + report.rejected
    assert set(report.reasons) <= {"not_sent"}
    assert sandbox.state()["events"] == report.accepted
    assert next(outcomes, None) is None


def test_leaving_early_can_be_resumed(client: Client, sandbox: Sandbox, tmp_path: Path) -> None:
    journal = tmp_path / "events.db"
    with client.bulk.stream.create_events(events(50_000), journal=journal) as outcomes:
        next(outcomes)
    ends = client.bulk.stream.resume(journal, events(50_000))
    assert sum(outcome.outcome == "accepted" for outcome in ends) == 50_000
    assert sandbox.state()["events"] == 50_000


def test_what_stopped_the_run_is_raised_behind_the_last_end(sandbox: Sandbox) -> None:
    outcomes = Client("pk_wrong", base_url=sandbox.url).bulk.stream.create_events(events(1500))
    ends: list[str] = []
    with pytest.raises(AuthenticationError) as raised:
        ends.extend(end.outcome for end in outcomes)
    # How far the second batch was when the first one failed, the machine decides.
    assert "failed" in ends
    assert set(ends) <= {"failed", "rejected"}
    assert raised.value.report is not None
    assert 1000 < len(ends) == raised.value.report.rows
    assert outcomes.report is raised.value.report
    assert next(outcomes, None) is None


def test_so_is_what_the_rows_raised(client: Client) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield from events(3)
        raise OSError("the database is gone")

    ends: list[str] = []
    outcomes = client.bulk.stream.create_events(rows())
    with pytest.raises(OSError, match="database is gone") as raised:
        ends.extend(end.outcome for end in outcomes)
    assert ends == ["accepted"] * 3
    assert raised.value.__dict__["report"].accepted == 3


def test_the_bodys_own_exception_goes_through(client: Client) -> None:
    def halved(outcomes: OutcomeStream) -> float:
        with outcomes:
            return next(outcomes).row / 0

    outcomes = client.bulk.stream.create_events(events())
    with pytest.raises(ZeroDivisionError):
        halved(outcomes)
    assert outcomes.report is not None


def test_rows_cannot_read_their_own_stream(client: Client) -> None:
    streams: list[OutcomeStream] = []

    def rows() -> Iterator[dict[str, str]]:
        next(streams[0])
        yield {}

    streams.append(client.bulk.stream.create_events(rows()))
    with pytest.raises(RuntimeError, match="is being read already"):
        next(streams[0])
