"""What can be chosen about a sandbox, in this process and in one of its own, and given to it."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from klaviyo_py import (
    AuthenticationError,
    BadRequestError,
    Client,
    ConfigurationError,
    OAuth,
    PermissionDeniedError,
    Sandbox,
    Tokens,
)
from klaviyo_py.sandbox import RefusedError
from klaviyo_py.sandbox._settings import NAMES_HERE, all_settings

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
    with Sandbox(oauth=app, on_refresh="rotate", separate_process=separate_process) as sandbox:
        assert sandbox.oauth == app
        client = Client(oauth=sandbox.oauth, on_token_refresh=told.append, base_url=sandbox.url)
        client.lists.get_lists()
        assert [tokens.refresh_token != "first" for tokens in told] == [True]


def test_access_tokens_live_as_long_as_chosen() -> None:
    told: list[Tokens] = []
    with Sandbox(access_token_lifetime=0) as sandbox:
        client = Client(oauth=sandbox.oauth, on_token_refresh=told.append, base_url=sandbox.url)
        with pytest.raises(AuthenticationError):
            client.lists.get_lists()
    assert len(told) > 1


@pytest.mark.parametrize("confirmation", ["awaited", "given"])
def test_who_confirms(confirmation: Any) -> None:
    with Sandbox(job_seconds=0, confirmation=confirmation) as sandbox:
        sandbox.client().bulk.import_profiles([{"email": EMAIL}])
        sandbox.client().bulk.subscribe_profiles(
            [{"email": EMAIL}], sandbox.create_list("News"), consent=True, channels=["email"]
        )
        [profile] = sandbox.profiles(email=EMAIL)
        assert ("SUBSCRIBED" in profile["consents"].values()) is (confirmation == "given")


@pytest.mark.parametrize(("seconds", "status"), [(0.0, "complete"), (3600.0, "processing")])
def test_a_suppression_job_tells_its_end_late(seconds: float, status: str) -> None:
    with Sandbox(job_seconds=0, suppression_lag=seconds) as sandbox:
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


ORDERS = [{"metric": "Placed Order", "email": EMAIL, "unique_id": "1"}]


@pytest.mark.parametrize(
    ("known_event", "ends"), [("drop", (1, 0)), ("refuse", (0, 1))], ids=["drop", "refuse"]
)
def test_what_becomes_of_an_event_that_is_known(known_event: Any, ends: tuple[int, int]) -> None:
    with Sandbox(known_event=known_event) as sandbox:
        sandbox.client().bulk.create_events(ORDERS)
        report = sandbox.client().bulk.create_events(ORDERS)
        assert (report.accepted, report.failed) == ends
        assert sandbox.state()["events"] == 1


@pytest.mark.parametrize(("repeated_event", "status"), [("drop", 202), ("refuse", 400)])
def test_what_becomes_of_an_event_that_is_repeated(repeated_event: Any, status: int) -> None:
    with Sandbox(repeated_event=repeated_event) as sandbox:
        answer = post_events(sandbox, [one_order("1"), one_order("1")])
        assert answer == status


@pytest.mark.parametrize("taken_phone_number", ["import_error", "drop_number", "refuse"])
def test_what_becomes_of_a_phone_number_that_is_taken(taken_phone_number: Any) -> None:
    phone = "+390110000001"
    with Sandbox(job_seconds=0, taken_phone_number=taken_phone_number) as sandbox:
        bulk = sandbox.client().bulk
        bulk.import_profiles([{"email": "grace@shop.example", "phone_number": phone}])
        report = bulk.import_profiles([{"email": EMAIL, "phone_number": phone}])
        jobs = sandbox.state()["jobs"]["complete"]
        assert (report.completed, jobs) == {
            "import_error": (0, 2),
            "drop_number": (1, 2),
            "refuse": (0, 1),
        }[taken_phone_number]


@pytest.mark.parametrize("job_error_pointer", ["row", "request"])
def test_where_the_errors_of_a_job_point(job_error_pointer: Any) -> None:
    with Sandbox(job_seconds=0, job_error_pointer=job_error_pointer) as sandbox:
        report = sandbox.client().bulk.delete_catalog_items([{"id": "$custom:::$default:::none"}])
        # Where no row can be told from the error, none is said to have failed.
        assert (report.failed, report.unknown) == ((1, 0) if job_error_pointer == "row" else (0, 1))


def one_order(unique_id: str) -> dict[str, Any]:
    metric = {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}}
    attributes = {"metric": metric, "unique_id": unique_id, "properties": {}}
    return {"type": "event", "attributes": attributes}


def post_events(sandbox: Sandbox, events: list[dict[str, Any]]) -> int:
    """The status of one request; the bulk verbs never send an event twice."""
    profile = {"data": {"type": "profile", "attributes": {"email": EMAIL}}}
    group = {
        "type": "event-bulk-create",
        "attributes": {"profile": profile, "events": {"data": events}},
    }
    body: Any = {
        "data": {
            "type": "event-bulk-create-job",
            "attributes": {"events-bulk-create": {"data": [group]}},
        }
    }
    try:
        sandbox.client().events.bulk_create_events(body)
    except BadRequestError as error:
        return error.status
    return 202


@anywhere
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"job_seconds": -1.0}, "job_seconds is a number of seconds"),
        ({"api_key": ""}, "^api_key is a text that is not empty"),
        ({"company": " "}, "^company is a text that is not empty"),
        ({"access_token_lifetime": -1.0}, "access_token_lifetime"),
        ({"suppression_lag": float("nan")}, "suppression_lag"),
        ({"window_alignment": -1}, "window_alignment"),
        ({"seed": -1}, "seed is a whole number"),
        ({"repeated_event": "keep"}, "refuse or drop"),
        ({"known_event": "keep"}, "drop or refuse"),
        ({"taken_phone_number": "keep"}, "import_error or drop_number or refuse"),
        ({"job_error_pointer": "item"}, "row or request"),
        ({"confirmation": True}, "awaited or given"),
        ({"on_refresh": ""}, "keep or rotate"),
        ({"unauthorized_code": "403"}, "by_cause or authentication_failed or not_authenticated"),
        ({"compressed_body": "gzip"}, "refuse or take"),
        ({"oversized_body": "xml"}, "json_api or html or empty"),
        ({"filter_any_values": -1}, "filter_any_values is a whole number"),
        ({"scopes": ["profile:read"]}, r"did you mean profiles:read\?\); there are accounts:read"),
    ],
)
def test_what_no_sandbox_takes(
    settings: dict[str, Any], message: str, separate_process: bool
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Sandbox(**settings, separate_process=separate_process)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("job_time", "job_seconds"),
        ("key", "api_key"),
        ("refresh_token", "oauth"),
        ("job_second", "job_seconds"),
        ("repeated_events", "repeated_event"),
    ],
)
def test_a_setting_by_another_name(name: str, meant: str) -> None:
    settings: dict[str, Any] = {name: 1}
    with pytest.raises(TypeError) as raised:
        Sandbox(**settings)
    told = f"Sandbox() has no setting '{name}' (did you mean '{meant}'?); it has port, limits, job_"
    assert str(raised.value).startswith(told)


def test_every_setting_of_the_command_line_is_one_here() -> None:
    here = set(inspect.signature(Sandbox).parameters)
    for setting in all_settings():
        assert NAMES_HERE.get(setting.name, setting.name) in here


def test_what_klaviyo_leaves_open_about_requests() -> None:
    with Sandbox(
        unauthorized_code="not_authenticated",
        compressed_body="take",
        oversized_body="empty",
        filter_any_values=1,
        predictive_analytics_limits=False,
    ) as sandbox:
        with pytest.raises(AuthenticationError) as unknown:
            Client("pk_other", base_url=sandbox.url).lists.get_lists()
        assert unknown.value.errors[0]["code"] == "not_authenticated"
        with pytest.raises(BadRequestError, match="at most 1"):
            sandbox.client().lists.get_lists(filter='any(id,["1","2"])')


def test_segments_have_the_members_that_they_are_given(sandbox: Sandbox, client: Client) -> None:
    client.bulk.import_profiles([{"external_id": "1"}, {"external_id": "2"}])
    ids = [profile["id"] for profile in sandbox.profiles()]
    segment = sandbox.create_segment("VIP", ids[:1])
    members = client.segments.get_profiles_for_segment(segment)
    assert [profile["id"] for profile in members["data"]] == ids[:1]
    assert sandbox.set_segment_members(segment, ids) == 2
    with pytest.raises(KeyError, match="gone"):
        sandbox.set_segment_members("gone", ids)


def test_a_segment_takes_nobody_for_a_member(sandbox: Sandbox) -> None:
    with pytest.raises(RefusedError, match='No profile has the id "x"') as refused:
        sandbox.create_segment("VIP", ["x"])
    assert refused.value.status == 400
    assert sandbox.state()["segments"] == []
    segment = sandbox.create_segment("VIP")
    with pytest.raises(RefusedError, match='"nobody"'):
        sandbox.set_segment_members(segment, ["nobody"])
    for give in (sandbox.create_segment, sandbox.set_segment_members):
        with pytest.raises(TypeError, match=r"not one text: \['abc'\]"):
            give(segment, "abc")


@pytest.mark.parametrize(
    ("email", "reason", "message"),
    [
        ("nobody", "HARD_BOUNCE", "address"),
        (EMAIL, "BOUNCE", "There is no reason BOUNCE; there are HARD_BOUNCE, INVALID_EMAIL, "),
        (EMAIL, "HARD_BUONCE", r"did you mean HARD_BOUNCE\?"),
    ],
)
def test_what_cannot_be_suppressed(email: str, reason: Any, message: str, sandbox: Sandbox) -> None:
    with pytest.raises(RefusedError, match=message):
        sandbox.suppress(email, reason)
    assert sandbox.profiles() == []


def test_a_setting_without_its_name() -> None:
    start: Any = Sandbox
    with pytest.raises(TypeError, match=r"by their names: Sandbox\(port=8080\)"):
        start(8080)


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


def test_a_job_may_never_end() -> None:
    with Sandbox(job_seconds=1e13) as sandbox:
        client = sandbox.client()
        client.bulk.import_profiles([{"email": EMAIL}], wait=False)
        assert sandbox.state()["jobs"]["queued"] == 1
