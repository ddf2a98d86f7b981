"""An exception that comes from the rows, not from Klaviyo."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from klaviyo_py import AuthenticationError, Client, Sandbox


class SourceError(Exception):
    """The database is gone."""


def failing_after(rows: int) -> Iterator[dict[str, str]]:
    for number in range(rows):
        yield {"metric": "Viewed", "external_id": str(number)}
    raise SourceError("after the last row")


def report_of(error: BaseException) -> Any:
    return error.__dict__["report"]


def test_rows_before_it_are_sent(client: Client, sandbox: Sandbox) -> None:
    with pytest.raises(SourceError, match="after the last row") as raised:
        client.bulk.create_events(failing_after(2500))

    report = report_of(raised.value)
    assert (report.rows, report.accepted, report.batches) == (2500, 2500, 3)
    assert sandbox.state()["events"] == 2500
    assert raised.traceback[-1].name == "failing_after"
    if sys.version_info >= (3, 11):
        assert "2,500 accepted" in raised.value.__notes__[0]


def test_what_stopped_the_run_stays_in_sight(sandbox: Sandbox) -> None:
    client = Client("pk_wrong", base_url=sandbox.url)
    with pytest.raises(SourceError) as raised:
        client.bulk.create_events(failing_after(2))
    assert isinstance(raised.value.__context__, AuthenticationError)
    assert report_of(raised.value).failed == 2


def test_an_interrupt_in_the_source_ends_the_run_at_once(client: Client, sandbox: Sandbox) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"metric": "Viewed", "external_id": "1"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as raised:
        client.bulk.create_events(rows())
    assert (report_of(raised.value).rows, report_of(raised.value).rejected) == (1, 1)
    assert sandbox.state()["events"] == 0


def test_an_interrupt_in_a_value_is_not_the_rows_fault(client: Client) -> None:
    class Interrupting(enum.Enum):
        VALUE = "value"

        @property
        def value(self) -> str:
            raise KeyboardInterrupt

    rows = [{"metric": "Viewed", "external_id": "1", "properties.x": Interrupting.VALUE}] * 2
    with pytest.raises(KeyboardInterrupt) as raised:
        client.bulk.create_events(rows)
    assert report_of(raised.value).rows == 1


def test_an_exception_that_takes_no_attributes_is_raised_as_it_is(client: Client) -> None:
    class SealedError(Exception):
        @property
        def report(self) -> str:
            return "its own"

    def rows() -> Iterator[dict[str, str]]:
        raise SealedError
        yield {}

    with pytest.raises(SealedError) as raised:
        client.bulk.create_events(rows())
    assert raised.value.report == "its own"
