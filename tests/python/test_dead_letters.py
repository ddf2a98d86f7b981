"""Rows that did not get through, kept in a file, mended and sent again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from klaviyo_py import AuthenticationError, Client, FailedRowsError, Sandbox, dead_letters


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return tmp_path / "letters.ndjson"


def test_profiles_go_through_once_mended(client: Client, sandbox: Sandbox, letters: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"email": "ada@shop.example"},
        {"email": "bo@shop", "properties.ltv": 0.1 + 0.2},
        {"email": "cy@shop", "location.city": "London"},
    ]
    report = client.bulk.import_profiles(rows)
    assert report.save_dead_letters(letters) == 2
    assert list(dead_letters(letters)) == rows[1:]

    text = letters.read_text(encoding="utf-8")
    letters.write_text(text.replace("@shop", "@shop.example") + "\n", encoding="utf-8")
    assert client.bulk.import_profiles(dead_letters(letters)).completed == 2
    assert client.bulk.import_profiles(letters).completed == 2

    [bo] = sandbox.profiles(email="bo@shop.example")
    assert bo["properties"] == {"ltv": 0.1 + 0.2}
    [cy] = sandbox.profiles(email="cy@shop.example")
    assert cy["attributes"]["location"]["city"] == "London"


def test_events_that_klaviyo_refused_go_through_as_they_were_sent(
    client: Client, sandbox: Sandbox, letters: Path
) -> None:
    rows = [{"metric": "Viewed", "external_id": str(number), "value": 2.5} for number in range(3)]
    with pytest.raises(AuthenticationError) as refused:
        Client("pk_wrong", base_url=sandbox.url).bulk.create_events(rows)
    report = refused.value.report
    assert report is not None
    with pytest.raises(FailedRowsError, match="3 of 3 rows did not get through: 3 x ") as raised:
        report.raise_for_failures()
    assert raised.value.report is report

    assert report.save_dead_letters(letters) == 3
    lines = [json.loads(line) for line in letters.read_text(encoding="utf-8").splitlines()]
    assert [(line["row"], line["outcome"]) for line in lines] == [(n, "failed") for n in range(3)]
    for _ in range(2):
        # They keep the unique_id with which they were sent.
        client.bulk.create_events(dead_letters(letters)).raise_for_failures()
        assert sandbox.state()["events"] == 3


def test_mended_events_are_their_own_under_any_run_id(
    client: Client, sandbox: Sandbox, letters: Path
) -> None:
    events = [
        {"metric": "Placed Order", "email": "ada@shop.example", "value": value}
        for value in (1, "x")
    ]
    client.bulk.create_events(events, run_id="R").save_dead_letters(letters)
    [letter] = dead_letters(letters)
    assert letter == {**events[1], "unique_id": "R-1"}

    for run_id in ("R", "another"):
        report = client.bulk.create_events([{**letter, "value": 2}], run_id=run_id)
        assert (report.accepted, sandbox.state()["events"]) == (1, 2)


@pytest.mark.parametrize("value", [float("nan"), b"\x00", {1, 2}, [1, object()], {"\ud83d": 1}])
def test_what_has_no_json_form_is_rejected_until_it_is_mended(
    client: Client, sandbox: Sandbox, letters: Path, value: object
) -> None:
    client.bulk.import_profiles(
        [{"email": "ada@shop.example", "properties": {"x": value, "y": 1}}]
    ).save_dead_letters(letters)
    [row] = dead_letters(letters)
    assert row["email"] == "ada@shop.example"
    assert row["properties"]["y"] == 1

    again = client.bulk.import_profiles([row])
    assert (again.rejected, sandbox.state()["profiles"]) == (1, 0)
    [failure] = again.failures()
    assert failure.code == "unmended_value"
    assert failure.item == row

    row["properties"]["x"] = "mended"
    assert client.bulk.import_profiles([row]).completed == 1


def test_lines_that_are_no_rows_are_kept_with_their_text(
    client: Client, sandbox: Sandbox, letters: Path, tmp_path: Path
) -> None:
    source = tmp_path / "customers.csv"
    source.write_text("email,properties.n\nbo@shop.example\nada@shop.example,x\nnobody,1\n")
    report = client.bulk.import_profiles(source, types={"properties.n": "integer"})
    ragged, mistyped, address = report.failures()
    assert ragged.detail.startswith(f"line 2 of {source} has 1 cells")
    assert ragged.item["$unsendable"] == f"ragged_line: {ragged.detail}"
    assert ragged.item["$unsendable_line"] == "bo@shop.example"
    assert mistyped.detail.endswith(f"(line 3 of {source})")
    mark = mistyped.item["properties.n"]
    assert mark["$unsendable"].startswith('wrong_type: "x" is not an integer')
    assert mark["$unsendable_text"] == "x"
    assert address.detail.endswith(f"(line 4 of {source})")

    assert report.save_dead_letters(letters) == 3
    mended = [{**row, "email": "ada@shop.example"} for row in dead_letters(letters)]
    again = client.bulk.import_profiles(mended)
    assert (again.completed, again.reasons) == (1, {"unmended_value": 2})
    assert client.bulk.import_profiles(letters).reasons["unmended_value"] == 2
    mended[1]["properties.n"] = 7
    assert client.bulk.import_profiles(mended[1:]).completed == 2


def test_a_letter_without_its_row_says_so(client: Client, letters: Path) -> None:
    line = {"row": 7, "outcome": "unknown", "code": "not_resumed", "detail": "", "pointer": ""}
    letters.write_text(json.dumps({**line, "item": None}), encoding="utf-8")
    [row] = dead_letters(letters)
    assert "row 7 is not in its dead letter (not_resumed)" in row["$unsendable"]
    assert client.bulk.import_profiles([row]).reasons == {"unmended_value": 1}


def test_a_place_that_is_none_is_named_as_it_was_given(client: Client, tmp_path: Path) -> None:
    report = client.bulk.import_profiles([{"email": "nobody"}])
    nowhere = tmp_path / "none" / "letters.ndjson"
    with pytest.raises(FileNotFoundError) as told:
        report.save_dead_letters(nowhere)
    assert str(nowhere) in str(told.value)


def test_what_is_no_letter_is_named(letters: Path) -> None:
    with pytest.raises(FileNotFoundError):
        dead_letters(letters)
    letters.write_text('\n{"row": 1}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"line 2 of .*letters\.ndjson is no dead letter"):
        list(dead_letters(letters))
