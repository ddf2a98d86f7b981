"""Reports and failures read well, and can be read any number of times."""

from __future__ import annotations

import dataclasses

import pytest

from klaviyo_py import Client, FailedRowsError


def test_a_report_reads_well(client: Client) -> None:
    rows = [{"metric": "Viewed", "external_id": str(n)} for n in range(1200)]
    report = client.bulk.create_events([*rows, {"metric": "Viewed"}])

    start = "<Report bulk_create_events: 1,201 rows (1,200 accepted, 1 rejected); 2 requests, "
    assert repr(report).startswith(start)
    assert repr(report.failures()) == "<Failures: 1>"
    assert report.elapsed > 0
    assert report.least_time >= 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.rows = 0  # type: ignore[misc]


def test_a_wholesale_mistake_shows(client: Client) -> None:
    report = client.bulk.import_profiles([{"email": "nobody"}] * 3 + [{"fist_name": "Ada"}])

    assert report.reasons == {"invalid_email": 3, "unknown_field": 1}
    assert repr(report).splitlines()[1:] == ["  3 x invalid_email", "  1 x unknown_field"]


def test_seldom_reasons_are_told_together(client: Client) -> None:
    rows: list[dict[str, object]] = [
        {"email": "nobody"},
        {"fist_name": "Ada"},
        {"first_name": "Ada"},
        {"external_id": 5},
        {"external_id": ""},
        {"phone_number": "1"},
    ]
    six = client.bulk.import_profiles(rows)
    assert len(repr(six).splitlines()) == 1 + 6
    rows.append({"external_id": "1", "properties": {"a": 2**64}})
    seven = client.bulk.import_profiles(rows * 2)
    assert repr(seven).splitlines()[-1] == "  4 x one of 2 other reasons"
    assert "<td>one of 2 other reasons</td><td>4</td>" in seven._repr_html_()
    with pytest.raises(FailedRowsError, match=r", 4 x one of 2 other reasons$"):
        seven.raise_for_failures()


def test_a_notebook_shows_it_as_tables(client: Client) -> None:
    report = client.bulk.import_profiles([{"email": "ada@shop.example"}, {"email": "nobody"}])
    html = report._repr_html_()
    for cell in ("<td>completed</td><td>1</td>", "<td>invalid_email</td><td>1</td>"):
        assert cell in html
    odd = dataclasses.replace(report, warnings=("<script>",))
    assert "&lt;script&gt;" in odd._repr_html_()


def test_nothing_is_raised_when_all_got_through(client: Client) -> None:
    client.bulk.import_profiles([{"email": "ada@shop.example"}]).raise_for_failures()


def test_failures_can_be_read_again_and_side_by_side(client: Client) -> None:
    failures = client.bulk.create_events([{"metric": "Viewed"}] * 3).failures()

    assert len(failures) == 3
    assert [failure.row for failure in failures] == [0, 1, 2]
    pairs = zip(failures, failures, strict=True)
    assert all(one == other for one, other in pairs)


def test_no_rows_are_no_requests(client: Client) -> None:
    report = client.bulk.create_events([])

    assert (report.rows, report.requests, len(report.failures())) == (0, 0, 0)
    assert "0 rows (none)" in repr(report)
