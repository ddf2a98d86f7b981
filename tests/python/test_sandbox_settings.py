"""What can be chosen about a sandbox, in this process and in one of its own, and given to it."""

from __future__ import annotations

from typing import Any

import pytest

from klaviyo_py import (
    AuthenticationError,
    Client,
    ConfigurationError,
    OAuth,
    PermissionDeniedError,
    Sandbox,
    Tokens,
)

EMAIL = "ada@shop.example"

# Where a sandbox can run.
anywhere = pytest.mark.parametrize("separate_process", [False, True])


@anywhere
def test_its_key_its_scopes_and_its_company(separate_process: bool) -> None:
    with Sandbox(
        api_key="pk_mine",
        scopes=["lists:read"],
        company="SHOP01",
        separate_process=separate_process,
    ) as sandbox:
        assert (sandbox.api_key, sandbox.company) == ("pk_mine", "SHOP01")
        client = Client("pk_mine", base_url=sandbox.url)
        client.lists.get_lists()
        with pytest.raises(PermissionDeniedError):
            client.profiles.get_profiles()
        visitor: Any = {"data": {"type": "profile", "attributes": {"email": EMAIL}}}
        client.client.create_client_profile(visitor, company_id="SHOP01")
        assert sandbox.profiles(email=EMAIL)


@anywhere
def test_the_app_that_it_lets_in(separate_process: bool) -> None:
    app = OAuth("app-7", "of-the-app", "first")
    told: list[Tokens] = []
    with Sandbox(
        oauth=app, rotate_refresh_tokens=True, separate_process=separate_process
    ) as sandbox:
        assert sandbox.oauth == app
        client = Client(oauth=sandbox.oauth, on_token_refresh=told.append, base_url=sandbox.url)
        client.lists.get_lists()
        assert [tokens.refresh_token != "first" for tokens in told] == [True]


def test_access_tokens_live_as_long_as_chosen() -> None:
    told: list[Tokens] = []
    with Sandbox(access_token_seconds=0) as sandbox:
        client = Client(oauth=sandbox.oauth, on_token_refresh=told.append, base_url=sandbox.url)
        with pytest.raises(AuthenticationError):
            client.lists.get_lists()
    assert len(told) > 1


@pytest.mark.parametrize("confirm", [False, True])
def test_who_confirms(confirm: bool) -> None:
    with Sandbox(job_seconds=0, confirm=confirm) as sandbox:
        sandbox.client().bulk.import_profiles([{"email": EMAIL}])
        sandbox.client().bulk.subscribe_profiles(
            [{"email": EMAIL}], sandbox.create_list("News"), consent=True, channels=["email"]
        )
        [profile] = sandbox.profiles(email=EMAIL)
        assert ("SUBSCRIBED" in profile["consents"].values()) is confirm


@pytest.mark.parametrize(("seconds", "status"), [(0.0, "complete"), (3600.0, "processing")])
def test_a_suppression_job_tells_its_end_late(seconds: float, status: str) -> None:
    with Sandbox(job_seconds=0, suppression_seconds=seconds) as sandbox:
        sandbox.client().bulk.suppress_profiles([{"email": EMAIL}])
        [job] = sandbox.client().profiles.get_bulk_suppress_profiles_jobs()["data"]
        assert job["attributes"]["status"] == status
        [profile] = sandbox.profiles(email=EMAIL)
        assert profile["suppressions"] == ["USER_SUPPRESSED"]


def test_what_goes_down_the_sink_is_counted_only() -> None:
    with Sandbox(sink=True) as sandbox:
        rows = [{"external_id": str(number)} for number in range(3)]
        assert sandbox.client().bulk.import_profiles(rows).completed == 3
        state = sandbox.state()
        assert (state["profiles"], state["requests"]["bulk_import_profiles"]["rows"]) == (0, 3)


def test_a_seed_draws_the_same_ids() -> None:
    def list_ids(seed: int) -> list[str]:
        with Sandbox(seed=seed) as sandbox:
            return [sandbox.create_list(name) for name in ("News", "VIP")]

    assert list_ids(1) == list_ids(1) != list_ids(2)


@pytest.mark.parametrize("name", ["job_seconds", "access_token_seconds", "suppression_seconds"])
def test_times_that_are_none(name: str) -> None:
    settings: dict[str, Any] = {name: -1.0}
    with pytest.raises(ConfigurationError, match=name):
        Sandbox(**settings)


def test_segments_have_the_members_that_they_are_given(sandbox: Sandbox, client: Client) -> None:
    client.bulk.import_profiles([{"external_id": "1"}, {"external_id": "2"}])
    ids = [profile["id"] for profile in sandbox.profiles()]
    segment = sandbox.create_segment("VIP", ids[:1])
    members = client.segments.get_profiles_for_segment(segment)
    assert [profile["id"] for profile in members["data"]] == ids[:1]
    assert sandbox.set_segment_members(segment, [*ids, "nobody"]) == 2
    with pytest.raises(KeyError, match="gone"):
        sandbox.set_segment_members("gone", ids)


def test_an_address_is_suppressed(sandbox: Sandbox) -> None:
    sandbox.suppress(EMAIL)
    sandbox.suppress(EMAIL, "HARD_BOUNCE")
    [profile] = sandbox.profiles(email=EMAIL)
    assert set(profile["suppressions"]) == {"USER_SUPPRESSED", "HARD_BOUNCE"}


def test_a_job_is_cancelled() -> None:
    with Sandbox(job_seconds=3600) as sandbox:
        client = sandbox.client()
        client.bulk.import_profiles([{"email": EMAIL}], wait=False)
        [job] = client.profiles.get_bulk_import_profiles_jobs()["data"]
        assert sandbox.cancel_job(job["id"])
        assert not sandbox.cancel_job(job["id"])
        answer = client.profiles.get_bulk_import_profiles_job(job["id"])
        assert answer["data"]["attributes"]["status"] == "cancelled"
