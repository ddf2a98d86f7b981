"""Lists as tables, for whoever knows Arrow."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timezone
from typing import Any

import polars
import pytest
from polars.exceptions import PolarsError

from children import run
from klaviyo_py import AuthenticationError, Client, ConfigurationError, Page, Sandbox
from scripted import answering


@pytest.fixture
def five(client: Client) -> Page[Any]:
    """The first of three pages of profiles."""
    rows = [
        {"email": f"c{n}@shop.example", "location.city": f"City {n}", "properties.n": n}
        for n in range(5)
    ]
    assert client.bulk.import_profiles(rows).completed == 5
    return client.profiles.get_profiles(page_size=2)


def test_a_table_has_a_row_for_each_item_of_all_pages(five: Page[Any]) -> None:
    for given in (five, five.to_arrow()):
        table = polars.DataFrame(given)
        assert table["id"].to_list() == [profile["id"] for profile in five]
        assert table["email"].to_list() == [f"c{n}@shop.example" for n in range(5)]
        assert table["location.city"].to_list() == [f"City {n}" for n in range(5)]
        assert [json.loads(text) for text in table["properties"]] == [{"n": n} for n in range(5)]
        assert table["type"].to_list() == ["profile"] * 5
        assert table["unmapped"].to_list() == [None] * 5


def test_columns_have_types(five: Page[Any]) -> None:
    table = polars.DataFrame(five)
    created = table["created"]
    assert created.dtype == polars.Datetime("us", "UTC")
    assert created[0] == datetime.fromisoformat(five.data[0]["attributes"]["created"])
    assert created[0].tzinfo is not None
    assert created[0] < datetime.now(timezone.utc)
    assert table["relationships.lists"].dtype == polars.List(polars.String)


def test_sparse_fields_give_only_their_columns(client: Client, five: Page[Any]) -> None:
    page = client.profiles.get_profiles(page_size=2, fields_profile=["email"])
    table = polars.DataFrame(page)
    attributes = [name for name in table.columns if "relationships" not in name]
    assert attributes == ["id", "type", "email", "unmapped"]
    assert table["unmapped"].null_count() == 5
    rest = polars.DataFrame(client.profiles.get_profiles(page_cursor=page.cursor))
    assert rest.columns == table.columns
    assert rest.equals(table[2:])


def test_pages_are_asked_for_as_the_table_is_read(
    client: Client, sandbox: Sandbox, five: Page[Any]
) -> None:
    def asked() -> int:
        count: int = sandbox.state()["requests"]["get_profiles"]["statuses"]["200"]
        return count

    before = asked()
    batches = iter(five.to_arrow())
    assert polars.Schema(five.to_arrow())["email"] == polars.String
    assert asked() == before
    [batch] = batches
    assert (batch.num_rows, len(batch), asked()) == (5, 5, before + 2)
    assert repr(batch).startswith("<RecordBatch: 5 rows, ")
    assert polars.DataFrame(batch).equals(polars.DataFrame(five))
    assert next(batches, None) is None


def test_a_table_of_nothing_has_its_columns(client: Client) -> None:
    table = polars.DataFrame(client.lists.get_lists())
    assert (table.height, table["created"].dtype) == (0, polars.Datetime("us", "UTC"))


def test_what_klaviyo_added_is_kept() -> None:
    body = b"""{"data": [{"type": "list", "id": "a", "attributes": {
        "name": "News", "mood": ["good"], "created": "soon"}}]}"""
    with answering(200, body) as (url, _):
        table = polars.DataFrame(Client("pk_x", base_url=url).lists.get_lists())
    assert table.select("id", "name", "created").rows() == [("a", "News", None)]
    assert json.loads(table["unmapped"][0]) == {"mood": ["good"], "created": "soon"}


def test_errors_are_told(sandbox: Sandbox, five: Page[Any]) -> None:
    sandbox.inject("gateway_error", operation="get_profiles", status=401, times=2)
    with pytest.raises(AuthenticationError, match="get_profiles"):
        list(five.to_arrow())
    with pytest.raises(PolarsError, match="get_profiles"):
        polars.DataFrame(five)
    assert polars.DataFrame(five).height == 5


def test_a_closed_client_reads_nothing_more(five: Page[Any], client: Client) -> None:
    client.close()
    with pytest.raises(ConfigurationError, match="closed"):
        polars.DataFrame(five)


def test_failures_are_a_table(client: Client) -> None:
    report = client.bulk.import_profiles([{"email": "nobody"}, {"external_id": "1"}, {"a": 1}])
    table = polars.DataFrame(report.failures())
    expected = [
        (one.row, one.outcome, one.code, one.detail, one.pointer, one.item_json)
        for one in report.failures()
    ]
    assert table.rows() == expected
    assert table.columns == ["row", "outcome", "code", "detail", "pointer", "item"]
    assert len(expected) == 2
    assert polars.DataFrame(report.failures()).equals(table)
    assert polars.Schema(report.failures())["row"] == polars.UInt64


def test_many_failures_are_read_from_their_file(client: Client) -> None:
    """16 MB of rows, of which 8 MB stay in memory."""
    rows = ({"email": "nobody", "properties.text": "x" * 80_000} for _ in range(200))
    failures = client.bulk.import_profiles(rows).failures()
    table = polars.DataFrame(failures)
    assert table["row"].to_list() == list(range(200))
    assert all(json.loads(item)["email"] == "nobody" for item in table["item"])


INTERRUPTED = """
import os, signal, threading
import polars
from klaviyo_py import Sandbox

signal.signal(signal.SIGINT, signal.default_int_handler)
with Sandbox(limits=False, job_seconds=0) as sandbox:
    client = sandbox.client()
    client.bulk.import_profiles(dict(external_id=str(n)) for n in range(3))
    page = client.profiles.get_profiles(page_size=1)
    sandbox.inject("latency", operation="get_profiles", millis=60_000)

    def interrupt():
        while not sandbox.faults()[0]["struck"]:
            pass
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    try:
        try:
            read(page)
        except polars.exceptions.ComputeError:
            # What polars makes of it. Python is told again, and Ctrl-C ends whatever comes next.
            threading.Event().wait()
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.mark.parametrize("read", ["list(page.to_arrow())", "polars.DataFrame(page)"])
def test_ctrl_c_ends_the_reading(read: str) -> None:
    assert run(INTERRUPTED.replace("read(page)", read)) == "interrupted\n"


def test_an_async_page_is_a_table_once_awaited(client: Client, sandbox: Sandbox) -> None:
    rows = [{"external_id": str(number)} for number in range(5)]
    assert client.bulk.import_profiles(rows).completed == 5

    async def tables() -> None:
        async with sandbox.async_client() as awaiting:
            page = await awaiting.profiles.get_profiles(page_size=2)
            with pytest.raises(TypeError, match=r"await page\.to_arrow\(\)"):
                polars.DataFrame(page)
            assert "to be awaited" in repr(page.to_arrow())
            table = await page.to_arrow()
            assert repr(table) == "<RecordBatches: 5 rows>"
            # It holds the pages: nothing is asked for when it is read, however often.
            asked = sandbox.state()["requests"]
            for _ in range(2):
                frame = polars.DataFrame(table)
                assert frame["external_id"].to_list() == [row["external_id"] for row in rows]
            assert polars.Schema(table) == frame.schema
            assert [batch.num_rows for batch in table] == [5]
            assert sandbox.state()["requests"] == asked
            batches = [polars.DataFrame(batch) async for batch in page.to_arrow()]
            assert polars.concat(batches).equals(frame)

    asyncio.run(tables())


def test_the_event_loop_goes_on_while_a_table_is_awaited(client: Client, sandbox: Sandbox) -> None:
    client.bulk.import_profiles([{"external_id": str(number)} for number in range(2)])

    async def turns() -> int:
        async with sandbox.async_client() as awaiting:
            page = await awaiting.profiles.get_profiles(page_size=1)
            sandbox.inject("latency", operation="get_profiles", millis=300)
            table = asyncio.ensure_future(page.to_arrow())
            turns = 0
            while not table.done():
                turns += 1
                await asyncio.sleep(0.001)
            assert polars.DataFrame(await table).height == 2
            return turns

    assert asyncio.run(turns()) > 10


def test_a_table_that_is_awaited_raises_what_came_of_a_request(
    client: Client, sandbox: Sandbox
) -> None:
    client.bulk.import_profiles([{"external_id": str(number)} for number in range(2)])

    async def refused() -> None:
        async with sandbox.async_client() as awaiting:
            page = await awaiting.profiles.get_profiles(page_size=1)
            sandbox.inject("gateway_error", operation="get_profiles", status=401, times=2)
            with pytest.raises(AuthenticationError, match="get_profiles"):
                await page.to_arrow()
            batches = page.to_arrow().__aiter__()
            assert (await batches.__anext__()).num_rows == 1
            with pytest.raises(AuthenticationError, match="get_profiles"):
                await batches.__anext__()
            # What was refused can be asked for again.
            assert [batch.num_rows async for batch in batches] == [1]

    asyncio.run(refused())
