"""Dry runs: all that happens to rows before they are sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from klaviyo_py import Client, ConfigurationError, Sandbox


def test_a_plan_says_what_would_be_sent(client: Client, sandbox: Sandbox) -> None:
    rows = [{"metric": "Viewed", "external_id": str(number)} for number in range(151_000)]
    plan = client.bulk.plan.create_events([{"metric": "Viewed"}, *rows])
    assert (plan.rows, plan.rejected, plan.batches) == (151_001, 1, 151)
    assert plan.least_time == 60
    assert plan.bytes > 151_000 * 100
    [failure] = plan.failures()
    assert (failure.row, failure.code) == (0, "missing_identifier")
    assert repr(plan).startswith("<Plan bulk_create_events: 151,001 rows (1 rejected); 151 batches")
    assert sandbox.state()["requests"] == {}


def test_it_is_what_the_run_sends(client: Client) -> None:
    rows = [{"email": f"customer-{number}@shop.example"} for number in range(10_500)]
    plan = client.bulk.plan.import_profiles(rows)
    report = client.bulk.import_profiles(rows)
    assert (plan.batches, plan.bytes) == (report.batches, report.bytes_sent)


def test_options_are_checked_and_warnings_given(client: Client) -> None:
    with pytest.raises(ConfigurationError, match="consent=True"):
        client.bulk.plan.subscribe_profiles([], channels=["email"])
    plan = client.bulk.plan.import_profiles([{"email": "ada@shop.example"}] * 2)
    assert "row 1 with row 0" in plan.warnings[0]
    assert "row 1 with row 0" in repr(plan)


def test_what_the_rows_raise_is_raised(client: Client) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"email": "ada@shop.example"}
        raise OSError("the database is gone")

    with pytest.raises(OSError, match="database is gone"):
        client.bulk.plan.import_profiles(rows())
