"""Runs that write a journal, and are resumed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from children import run
from klaviyo_py import Client, JournalError, Sandbox


def events(count: int) -> list[dict[str, str]]:
    return [{"metric": "Viewed", "external_id": str(number)} for number in range(count)]


def broken_off(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    yield from rows
    raise OSError("the database is gone")


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


def test_a_run_whose_source_broke_off_goes_on(
    client: Client, sandbox: Sandbox, journal: Path
) -> None:
    with pytest.raises(OSError, match="database is gone") as raised:
        client.bulk.create_events(broken_off(events(2500)), journal=journal)
    report = raised.value.__dict__["report"]
    # The third request would have been another one with the rest of the rows.
    assert (report.accepted, report.reasons) == (2000, {"not_sent": 500})

    whole = client.bulk.resume(journal, events(2700))

    assert (whole.run_id, whole.accepted, whole.requests) == (report.run_id, 2700, 1)
    assert sandbox.state()["events"] == 2700
    assert client.bulk.resume(journal, events(2700)).requests == 0


def test_options_are_given_again(client: Client, sandbox: Sandbox, journal: Path) -> None:
    news = sandbox.create_list("News")
    rows = [{"email": "ada@shop.example", "shoe_size": 38}]
    assert client.bulk.import_profiles(rows, news, extra="properties", journal=journal).completed
    report = client.bulk.resume(journal, rows, list_id=news, extra="properties")
    assert (report.completed, report.requests) == (1, 0)
    for others, words in (
        ({"extra": "properties"}, f'began with list_id "{news}", and is resumed with none'),
        ({"list_id": "X", "extra": "properties"}, 'resumed with "X"'),
        ({"list_id": news}, 'began with extra "properties", and is resumed with "reject"'),
        ({"list_id": news, "extra": "properties", "columns": {"E-Mail": "email"}}, "columns none"),
    ):
        with pytest.raises(JournalError, match=words):
            client.bulk.resume(journal, rows, **others)
    # What is sent does not depend on these.
    options = {"list_id": news, "extra": "properties", "wait": False, "progress": print}
    assert client.bulk.resume(journal, rows, **options).requests == 0


def test_rows_that_are_rejected_now_are_named(client: Client, journal: Path) -> None:
    with pytest.raises(OSError, match="the database is gone"):
        client.bulk.create_events(broken_off(events(1500)), journal=journal)
    rows = [{"metric": "Viewed", "external_id": ""}] * 1500
    with pytest.raises(JournalError, match=r"row 999 is in the journal .* now it is rejected"):
        client.bulk.resume(journal, rows)


def test_a_journal_is_one_runs(client: Client, sandbox: Sandbox, journal: Path) -> None:
    client.bulk.create_events(events(1), journal=journal)
    with pytest.raises(JournalError, match=r"holds run .* already: resume it"):
        client.bulk.create_events(events(1), journal=journal)
    assert sandbox.state()["events"] == 1


def test_there_must_be_something_to_resume(client: Client, journal: Path) -> None:
    with pytest.raises(JournalError, match="there is no journal"):
        client.bulk.resume(journal, events(1))
    journal.write_text("something else")
    with pytest.raises(JournalError, match="is no journal of this version"):
        client.bulk.resume(journal, events(1))


def test_a_killed_process_leaves_what_it_did(journal: Path) -> None:
    """SIGKILL in the midst; another process finishes the rest.

    At row 45,000 more requests are full than can be under way: some were answered.
    """
    with Sandbox(limits=False) as sandbox:
        address = {"api_key": sandbox.api_key, "base_url": sandbox.url}
        killed = f"""
            import os, signal
            from klaviyo_py import Client

            def rows():
                for number in range(60_000):
                    if number == 45_000:
                        os.kill(os.getpid(), signal.SIGKILL)
                    yield {{"metric": "Viewed", "external_id": str(number)}}

            if os.fork() == 0:
                Client(**{address!r}).bulk.create_events(rows(), journal={str(journal)!r})
            os.wait()
        """
        run(killed)
        resumed = f"""
            import json
            from klaviyo_py import Client

            rows = [{{"metric": "Viewed", "external_id": str(n)}} for n in range(60_000)]
            report = Client(**{address!r}).bulk.resume({str(journal)!r}, rows)
            print(json.dumps([report.accepted, report.batches, report.requests]))
        """
        accepted, batches, requests = json.loads(run(resumed))
        assert (accepted, batches) == (60_000, 60)
        assert requests < 60
        assert sandbox.state()["events"] == 60_000


def test_another_klaviyo_is_refused_and_another_key_warned_of(
    client: Client, sandbox: Sandbox, journal: Path
) -> None:
    client.bulk.create_events(events(3), journal=journal)
    with (
        Sandbox() as other,
        Client(api_key=other.api_key, base_url=other.url) as elsewhere,
        pytest.raises(
            JournalError, match=rf"went to {sandbox.url}, and is resumed with {other.url}"
        ),
    ):
        elsewhere.bulk.resume(journal, events(3))
    with Client(api_key="pk_rotated", base_url=sandbox.url) as rotated:
        report = rotated.bulk.resume(journal, events(3))
    assert any("begun with another key" in warning for warning in report.warnings)
    assert client.bulk.resume(journal, events(3)).warnings == ()
