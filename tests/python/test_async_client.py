"""AsyncClient: the names of Client, awaited."""

from __future__ import annotations

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from klaviyo_py import (
    AsyncClient,
    AsyncPage,
    AuthenticationError,
    Client,
    ConfigurationError,
    ConnectionError,
    Jobs,
    NotFoundError,
    Sandbox,
)
from test_operations import as_attribute, documented_operations, list_body, profile_body

TAGS = sorted({as_attribute(tag) for tag in documented_operations().values()})
SYNC, ASYNC = Client("pk_x"), AsyncClient("pk_x")


def signatures(thing: object) -> dict[str, list[tuple[str, object, object]] | None]:
    """The public names of a thing, and what its methods take."""
    found: dict[str, list[tuple[str, object, object]] | None] = {}
    for name in dir(type(thing)):
        if not name.startswith("_"):
            member = inspect.getattr_static(thing, name)
            found[name] = None
            if inspect.isroutine(member):
                parameters = inspect.signature(getattr(type(thing), name)).parameters.values()
                found[name] = [(it.name, it.kind, it.default) for it in parameters]
    return found


def raw(of: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda client: of(client).with_raw_response


def tag(name: str) -> Callable[[Any], Any]:
    return lambda client: getattr(client, name)


PARTS: dict[str, Callable[[Any], Any]] = {
    "client": lambda client: client,
    "bulk": lambda client: client.bulk,
    "bulk.stream": lambda client: client.bulk.stream,
    "bulk.plan": lambda client: client.bulk.plan,
    "actions": lambda client: client.actions,
    **{name: tag(name) for name in TAGS},
    **{f"{name}.with_raw_response": raw(tag(name)) for name in TAGS},
}


@pytest.mark.parametrize("part", PARTS)
def test_names_and_parameters_are_those_of_the_client(part: str) -> None:
    blocking, awaiting = signatures(PARTS[part](SYNC)), signatures(PARTS[part](ASYNC))
    awaiting.pop("aclose", None)
    assert blocking == awaiting
    assert len(blocking) > 0


def test_a_client_takes_the_same_arguments() -> None:
    assert inspect.signature(AsyncClient) == inspect.signature(Client)
    with pytest.raises(ConfigurationError, match="timeout must be"):
        AsyncClient("pk_x", timeout=0)


def example(parameter: inspect.Parameter) -> object:
    """Some value of a parameter's type."""
    return {"bytes": b"x"}.get(parameter.annotation, {} if parameter.name == "body" else "x")


def test_every_operation_can_be_awaited() -> None:
    # Nothing listens there.
    client = AsyncClient("pk_x", base_url="http://127.0.0.1:9", max_retries=0)

    def begun(operation: str, tag: str) -> Awaitable[object]:
        method = getattr(getattr(client, as_attribute(tag)), operation)
        parameters = inspect.signature(method).parameters.values()
        required = [one for one in parameters if one.default is inspect.Parameter.empty]
        return method(**{one.name: example(one) for one in required})  # type: ignore[no-any-return]

    async def all_of_them() -> list[object]:
        begins = [begun(*operation) for operation in documented_operations().items()]
        return await asyncio.gather(*begins, return_exceptions=True)

    ends = asyncio.run(all_of_them())
    assert len(ends) > 400
    assert {type(end) for end in ends} == {ConnectionError}


def test_answers_are_those_of_the_client(sandbox: Sandbox) -> None:
    async def ask() -> None:
        async with sandbox.async_client() as client:
            body: Any = profile_body(email="ada@shop.example")
            created = await client.profiles.create_profile(body)
            profile_id = created["data"]["id"]
            answer = await client.profiles.get_profile(profile_id)
            assert answer == sandbox.client().profiles.get_profile(profile_id)
            with pytest.raises(NotFoundError):
                await client.lists.get_list("NoSuch")
            with pytest.raises(TypeError, match="a str for id"):
                await client.lists.get_list(7)  # type: ignore[arg-type]
            with pytest.warns(DeprecationWarning, match=r"called add_profiles_to_list\(\) now"):
                assert client.lists.create_list_relationships  # type: ignore[attr-defined]

    asyncio.run(ask())


def test_lists_are_answered_with_an_async_page(client: Client, sandbox: Sandbox) -> None:
    client.bulk.import_profiles([{"external_id": str(number)} for number in range(5)])

    async def ask() -> None:
        async with sandbox.async_client() as client:
            page = await client.profiles.get_profiles(page_size=2)
            assert type(page) is AsyncPage
            assert (len(page.data), "links" in page, len(page["data"])) == (2, True, 2)
            assert [len(one.data) async for one in page.pages()] == [2, 2, 1]
            assert len([profile async for profile in page]) == 5
            rest = await client.profiles.get_profiles(page_cursor=page.cursor)
            assert len([profile async for profile in rest]) == 3
            following = await page.next_page()
            assert following is not None
            assert following.data == rest.data
            last = [one async for one in page.pages()][-1]
            assert await last.next_page() is None
            assert "AsyncPage of get_profiles: 2 items" in repr(page)

    asyncio.run(ask())


def test_status_and_headers(sandbox: Sandbox) -> None:
    async def ask() -> None:
        client = sandbox.async_client()
        created = await client.lists.with_raw_response.create_list(list_body("VIP"))
        assert (created.status, created.parse()["data"]["type"]) == (201, "list")
        answer = await client.lists.with_raw_response.get_lists()
        page = answer.parse()
        assert [one["attributes"]["name"] async for one in page] == ["VIP"]
        assert repr(client.lists.with_raw_response) == f"{client!r}.lists.with_raw_response"

    asyncio.run(ask())


def test_single_actions(sandbox: Sandbox) -> None:
    async def act() -> None:
        async with sandbox.async_client() as client:
            ada = await client.actions.upsert_profile({"email": "ada@shop.example"})
            assert ada.created
            again = await client.actions.create_profile({"email": "ada@shop.example"})
            assert again == (ada.id, True)
            await client.actions.create_event({"metric": "Viewed", "email": "ada@shop.example"})
            list_id = await client.actions.create_list("VIP")
            answer = await client.lists.get_list(list_id)
            assert answer["data"]["attributes"]["name"] == "VIP"

    asyncio.run(act())
    assert sandbox.state()["events"] == 1


def test_other_options(sandbox: Sandbox) -> None:
    async def ask() -> None:
        client = sandbox.async_client()
        impatient = client.with_options(max_retries=0, timeout=5)
        assert type(impatient) is AsyncClient
        assert (await impatient.profiles.get_profiles()).data == []

    asyncio.run(ask())


def test_a_block_closes_it(sandbox: Sandbox) -> None:
    async def use() -> None:
        async with sandbox.async_client() as client:
            pass
        with pytest.raises(ConfigurationError, match="closed"):
            await client.profiles.get_profiles()
        other = sandbox.async_client()
        await other.aclose()
        other.close()
        with pytest.raises(ConfigurationError, match="closed"):
            await other.bulk.create_events([])

    asyncio.run(use())


def test_it_is_no_client_that_blocks(sandbox: Sandbox) -> None:
    with pytest.raises((TypeError, AttributeError)), sandbox.async_client():  # type: ignore[attr-defined]
        pass
    with pytest.raises(TypeError, match="not iterable"):
        iter(asyncio.run(profiles(sandbox.async_client())))  # type: ignore[call-overload]


async def profiles(client: AsyncClient) -> AsyncPage[Any, Any]:
    return await client.profiles.get_profiles()


def test_one_client_serves_one_event_loop_after_another(sandbox: Sandbox) -> None:
    client = sandbox.async_client()
    for _ in range(3):
        assert asyncio.run(profiles(client)).data == []


def test_many_calls_at_once(sandbox: Sandbox) -> None:
    async def ask() -> list[str]:
        async with sandbox.async_client() as client:
            calls = [client.actions.create_list(f"List {number}") for number in range(50)]
            return await asyncio.gather(*calls)

    assert len(set(asyncio.run(ask()))) == 50


@pytest.mark.skipif(sys.version_info < (3, 11), reason="asyncio has no TaskGroup before")
def test_a_task_group_ends_the_others_when_one_fails(sandbox: Sandbox) -> None:
    endless = ({"metric": "Viewed", "external_id": str(number)} for number in iter(int, 1))

    async def ask() -> None:
        if sys.version_info >= (3, 11):
            async with sandbox.async_client() as client, asyncio.TaskGroup() as group:
                group.create_task(client.bulk.create_events(endless))
                group.create_task(client.lists.get_list("NoSuch"))

    with pytest.raises(Exception, match="unhandled errors in a TaskGroup") as raised:
        asyncio.run(ask())
    failures: tuple[Exception, ...] = getattr(raised.value, "exceptions", ())
    assert [type(failure) for failure in failures] == [NotFoundError]


def test_a_refused_key_is_told(sandbox: Sandbox) -> None:
    client = AsyncClient("pk_wrong", base_url=sandbox.url)
    with pytest.raises(AuthenticationError):
        asyncio.run(profiles(client))


def test_jobs_are_awaited_with_an_async_client(sandbox: Sandbox) -> None:
    async def follow() -> None:
        async with sandbox.async_client() as client:
            rows = [{"email": "ada@shop.example"}]
            report = await client.bulk.import_profiles(rows, wait=False)
            jobs: Jobs = report.open_jobs
            assert len(jobs) == report.accepted == 1
            [polled] = await jobs.poll(client)
            assert polled.job.operation == "bulk_import_profiles"
            [job] = await jobs.wait(client, timeout=60)
            assert (job.status, job.completed) == ("complete", 1)
            with pytest.raises(ConfigurationError, match="number of seconds"):
                await jobs.wait(client, timeout=-1)

    asyncio.run(follow())


def test_what_is_never_awaited_is_warned_of_and_not_sent(sandbox: Sandbox) -> None:
    async def forget() -> None:
        client = sandbox.async_client()
        with pytest.warns(RuntimeWarning, match="never awaited"):
            client.actions.create_list("VIP")  # type: ignore[unused-coroutine]
        await client.lists.get_lists()

    asyncio.run(forget())
    assert set(sandbox.state()["requests"]) == {"get_lists"}


def test_a_call_outside_of_an_event_loop_is_told(sandbox: Sandbox) -> None:
    call = sandbox.async_client().lists.get_lists()
    with pytest.raises(RuntimeError, match="no running event loop"):
        call.send(None)


def test_it_is_awaited_once(sandbox: Sandbox) -> None:
    async def twice() -> None:
        call = sandbox.async_client().lists.get_lists()
        await call
        with pytest.raises(RuntimeError, match="already"):
            await call

    asyncio.run(twice())


def test_a_call_that_blocks_may_be_made_in_an_event_loop(client: Client) -> None:
    async def block() -> int:
        return client.bulk.import_profiles([{"email": "ada@shop.example"}]).completed

    assert asyncio.run(block()) == 1


def test_asyncio_is_imported_when_it_is_needed() -> None:
    program = "import sys, klaviyo_py; assert 'asyncio' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
