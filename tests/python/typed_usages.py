"""How the package looks to type checkers: what must pass, and what must not.

mypy and pyright read this file in their strict modes; nothing runs it. A line that must be an error
says so to each of them, and each complains about a line that says so and is none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import polars
from typing_extensions import assert_type

from klaviyo_py import (
    APIStatusError,
    AsyncClient,
    AsyncOutcomeStream,
    AsyncPage,
    Client,
    Failure,
    Jobs,
    KlaviyoError,
    OutcomeStream,
    Page,
    Plan,
    Progress,
    RateLimitError,
    RawResponse,
    Report,
    RowOutcome,
    Sandbox,
    dead_letters,
)
from klaviyo_py.actions import UpsertedProfile
from klaviyo_py.jobs import JobReport
from klaviyo_py.operations.types.lists import PostListCreateResponse
from klaviyo_py.operations.types.profiles import ProfileResponsePluralConversationsObjectResource
from klaviyo_py.operations.types.shared import ProfileResponseObjectResource


def sources(client: Client) -> None:
    """Whatever rows come from."""

    def generated() -> Iterator[dict[str, object]]:
        yield {"email": "ada@shop.example"}

    imported = client.bulk.import_profiles
    assert_type(imported(generated()), Report)
    imported([{"email": "ada@shop.example"}])
    imported([{"email": "ada@shop.example", "properties": {"orders": 3}}, {"external_id": "7"}])
    imported([{"email": "ada@shop.example", "tags": None}], nulls="omit", extra="properties")
    imported(polars.DataFrame({"email": ["ada@shop.example"]}), columns={"E-Mail": "email"})
    imported("customers.parquet")
    imported(Path("customers.csv"), types={"properties.orders": "integer"})
    imported([Path("one.ndjson"), Path("two.ndjson.gz")], journal="import.db")
    imported(dead_letters("letters.ndjson"))

    imported(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    imported([7])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    imported([], nulls="keep")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    imported([], list="X")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def watched(client: Client) -> None:
    """Who is told how far a run has come."""

    def show(progress: Progress) -> None:
        assert_type(progress.total, int | None)
        assert_type(progress.rate, float)

    told: list[Progress] = []
    client.bulk.import_profiles("customers.parquet", progress=True)
    client.bulk.stream.create_events("events.csv", progress=show)
    client.bulk.resume("import.db", "customers.parquet", progress=told.append)

    client.bulk.import_profiles("customers.parquet", progress=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def verbs(client: Client) -> None:
    """Reports, streams and plans."""
    orders = [{"metric": "Placed Order", "external_id": "7"}]
    assert_type(client.bulk.create_events(orders, unique_id="content"), Report)
    assert_type(client.bulk.resume("orders.db", orders), Report)
    assert_type(client.bulk.plan.create_events(orders), Plan)
    stream = client.bulk.stream.create_events(orders)
    assert_type(stream, OutcomeStream)
    for outcome in stream:
        assert_type(outcome, RowOutcome)
        row, end, failure = outcome
        assert_type(row, int)
        assert_type(end, Literal["completed", "accepted", "failed", "rejected", "unknown"])
        assert_type(failure, Failure | None)
    assert_type(stream.report, Report | None)

    client.bulk.subscribe_profiles(orders, consent=True, channels=["email"])
    client.bulk.subscribe_profiles(orders, channels=[7])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.bulk.import_events(orders)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def reports(report: Report, client: Client) -> None:
    """What a run came to."""
    assert_type(report.completed, int)
    assert_type(report.elapsed, float)
    assert_type(report.open_jobs, Jobs)
    for failure in report.failures():
        assert_type(failure, Failure)
        assert_type(failure.outcome, Literal["rejected", "failed", "unknown"])
    for job in report.open_jobs.wait(client, timeout=60):
        assert_type(job.completed, int)
    report.completed = 7  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def operations(client: Client) -> None:
    """Any operation: keyword arguments, bodies and answers."""
    page = client.profiles.get_profiles(page_size=10, fields_profile=["email"])
    assert_type(page.data, list[ProfileResponsePluralConversationsObjectResource])
    for profile in page:
        assert_type(profile["id"], str)
        assert_type(profile["attributes"].get("email"), str | None)
    assert_type(page.cursor, str | None)

    created = client.lists.create_list({"data": {"type": "list", "attributes": {"name": "News"}}})
    assert_type(created, PostListCreateResponse)
    assert_type(created["data"]["id"], str)
    assert_type(client.lists.delete_list("XyZ123"), None)

    raw = client.lists.with_raw_response.delete_list("XyZ123")
    assert_type(raw, RawResponse[None])
    assert_type(raw.status, int)

    client.profiles.get_profiles(size=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.profiles.get_profiles(page_size="10")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.profiles.get_profiles(fields_profile=["mail"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.lists.create_list({"data": {"type": "list"}})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
    client.lists.get_lists_of_mine()  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def pages(page: Page[ProfileResponseObjectResource]) -> None:
    """What a list of another module looks like."""
    assert_type(page.included, list[Any])
    assert_type(page["data"], list[ProfileResponseObjectResource])
    assert_type(next(page.pages()), Page[ProfileResponseObjectResource, Any])


def actions(client: Client) -> None:
    """One at a time."""
    assert_type(client.actions.upsert_profile({"email": "ada@shop.example"}), UpsertedProfile)
    assert_type(client.actions.create_list("News"), str)


def clients() -> None:
    """How clients are made."""
    with Sandbox(limits=False) as sandbox, Client(sandbox.api_key, base_url=sandbox.url) as client:
        assert_type(client, Client)
        assert_type(client.with_options(timeout=5), Client)
    Client(key="pk")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Sandbox(limits="off")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def errors(client: Client) -> None:
    """What exceptions say."""
    try:
        client.accounts.get_accounts()
    except RateLimitError as error:
        assert_type(error.retry_after, float | None)
    except APIStatusError as error:
        assert_type(error.status, int)
        assert_type(error.headers, Mapping[str, str])
    except KlaviyoError as error:
        assert_type(error.report, Report | None)


async def awaited_rows() -> AsyncIterator[dict[str, object]]:
    """Rows that a Client cannot take."""
    yield {"email": "ada@shop.example"}


async def awaited_runs(client: AsyncClient, blocking: Client) -> None:
    """Reports, streams and plans of an AsyncClient."""
    report = await client.bulk.import_profiles(awaited_rows(), "XyZ123", wait=False)
    assert_type(report, Report)
    assert_type(await report.open_jobs.poll(client), list[JobReport])
    assert_type(report.open_jobs.poll(blocking), list[JobReport])
    await client.bulk.import_profiles([{"email": "ada@shop.example"}])
    await client.bulk.import_profiles("customers.parquet")
    assert_type(await client.bulk.plan.import_profiles(awaited_rows()), Plan)
    assert_type(await client.bulk.suppress_members(list_id="XyZ123"), str | None)
    task = asyncio.create_task(client.bulk.import_profiles(awaited_rows()))
    assert_type(await task, Report)
    async with client.bulk.stream.import_profiles(awaited_rows()) as outcomes:
        assert_type(outcomes, AsyncOutcomeStream)
        async for outcome in outcomes:
            assert_type(outcome, RowOutcome)

    blocking.bulk.import_profiles(awaited_rows())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.bulk.import_profiles(7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await blocking.bulk.import_profiles([])  # type: ignore[misc]  # pyright: ignore[reportGeneralTypeIssues]


async def awaited_operations() -> None:
    """Any operation of an AsyncClient."""
    async with AsyncClient("pk_x") as client:
        assert_type(client, AsyncClient)
        assert_type(client.with_options(timeout=5), AsyncClient)
        page = await client.profiles.get_profiles(page_size=10, fields_profile=["email"])
        assert_type(page.data, list[ProfileResponsePluralConversationsObjectResource])
        async for profile in page:
            assert_type(profile["id"], str)
        created = await client.lists.create_list(
            {"data": {"type": "list", "attributes": {"name": "News"}}}
        )
        assert_type(created, PostListCreateResponse)
        raw = await client.lists.with_raw_response.delete_list("XyZ123")
        assert_type(raw, RawResponse[None])
        assert_type(await client.actions.create_list("News"), str)
        upserted = await client.actions.upsert_profile({"email": "ada@shop.example"})
        assert_type(upserted, UpsertedProfile)

        await client.profiles.get_profiles(size=10)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
        iter(page)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


async def awaited_pages(page: AsyncPage[ProfileResponseObjectResource]) -> None:
    """The pages behind a page."""
    assert_type(await page.next_page(), AsyncPage[ProfileResponseObjectResource, Any] | None)
    async for one in page.pages():
        assert_type(one.data, list[ProfileResponseObjectResource])
