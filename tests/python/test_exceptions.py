"""Exceptions: each status has its own, they carry the report, and they can be pickled."""

from __future__ import annotations

import builtins
import copy
import itertools
import json
import pickle
import socket
from typing import Any

import pytest

import klaviyo_py
from klaviyo_py import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    Client,
    ConfigurationError,
    ConflictError,
    ConnectionError,
    KlaviyoError,
    NotFoundError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitError,
    Sandbox,
    ServerError,
    TimeoutError,
)
from scripted import answering

ROW = {"email": "ada@shop.example"}
SECRET = "pk_do_not_show"


def errors(code: str, pointer: str) -> bytes:
    error = {"code": code, "detail": "No.", "source": {"pointer": pointer}, "id": "1"}
    return json.dumps({"errors": [error]}).encode()


def test_all_exceptions_are_klaviyo_errors() -> None:
    exceptions = [getattr(klaviyo_py, name) for name in klaviyo_py.__all__ if "Error" in name]
    assert all(issubclass(exception, KlaviyoError) for exception in exceptions)
    assert issubclass(ConnectionError, builtins.ConnectionError)
    assert issubclass(TimeoutError, builtins.TimeoutError)


def test_a_wrong_key_is_told_at_the_first_answer(sandbox: Sandbox) -> None:
    endless = ({"external_id": str(number)} for number in itertools.count())
    client = Client(SECRET, base_url=sandbox.url)

    with pytest.raises(AuthenticationError) as raised:
        client.bulk.import_profiles(endless)

    error = raised.value
    assert (error.status, error.code) == (401, "authentication_failed")
    assert error.operation == "bulk_import_profiles"
    assert error.errors[0]["source"] == {"pointer": "/data/"}
    assert error.headers["server"] == "klaviyo-sandbox"
    report = error.report
    assert report is not None
    assert report.retries == 0
    assert report.completed == report.accepted == 0
    assert report.rows == report.failed + report.rejected == len(report.failures())


@pytest.mark.parametrize(
    ("status", "exception"),
    [
        (400, BadRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (409, ConflictError),
        (415, APIStatusError),
    ],
)
def test_each_status_has_its_exception(status: int, exception: type[APIStatusError]) -> None:
    with answering(status, errors("refused", "/data"), {"X-Request": "7"}) as (url, asked):
        client = Client(SECRET, base_url=url, max_retries=0)
        with pytest.raises(APIStatusError) as raised:
            client.bulk.create_events([{**ROW, "metric": "Viewed"}])

    error = raised.value
    assert type(error) is exception
    assert (error.status, error.code, error.headers["x-request"]) == (status, "refused", "7")
    assert error.errors[0]["detail"] == "No."
    assert error.report is not None
    assert error.report.requests == len(asked) == 1


def test_an_outage_is_told_after_some_batches() -> None:
    rows = ({**ROW, "metric": "Viewed", "properties.n": number} for number in itertools.count())
    with answering(503) as (url, asked), pytest.raises(ServerError) as raised:
        Client(SECRET, base_url=url, max_retries=0).bulk.create_events(rows)

    assert (raised.value.status, raised.value.code) == (503, "http_503")
    report = raised.value.report
    assert report is not None
    assert report.requests == len(asked) >= 3
    assert report.accepted == 0


def test_a_request_that_is_too_large_by_itself_is_told() -> None:
    with answering(413) as (url, asked):
        client = Client(SECRET, base_url=url)
        with pytest.raises(PayloadTooLargeError) as raised:
            client.bulk.import_profiles([ROW, {"external_id": "1"}])
    assert raised.value.code == "http_413"
    assert len(asked) == 3, "the whole, and each half"


def test_an_answer_that_is_no_json_is_kept() -> None:
    page = b"<html>Checking your browser"
    with answering(403, page) as (url, _), pytest.raises(PermissionDeniedError) as raised:
        Client(SECRET, base_url=url).bulk.import_profiles([ROW])
    assert raised.value.body_head == page.decode()
    assert raised.value.errors == []


def test_a_limit_used_up_says_for_how_long() -> None:
    two_hours = {"Retry-After": "7200"}
    with (
        answering(429, errors("throttled", "/data"), two_hours) as (url, asked),
        pytest.raises(RateLimitError) as raised,
    ):
        Client(SECRET, base_url=url).bulk.import_profiles([ROW])
    assert raised.value.retry_after == 7200.0
    assert len(asked) == 1


def test_a_server_that_is_not_there() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    client = Client(SECRET, base_url=f"http://127.0.0.1:{port}", max_retries=0)
    with pytest.raises(ConnectionError) as raised:
        client.bulk.import_profiles([ROW])
    assert raised.value.report is not None
    assert raised.value.report.rejected == 1, "certainly not sent"


def test_a_server_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        client = Client(SECRET, base_url=url, timeout=0.05, max_retries=0)
        with pytest.raises(TimeoutError) as raised:
            client.bulk.import_profiles([ROW])
    assert raised.value.report is not None
    assert raised.value.report.unknown == 1, "it may have been taken"


def test_no_key_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KLAVIYO_API_KEY", raising=False)
    with pytest.raises(ConfigurationError, match=r"api_key=.*KLAVIYO_API_KEY"):
        Client()
    monkeypatch.setenv("KLAVIYO_API_KEY", SECRET)
    assert Client().base_url == "https://a.klaviyo.com"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"base_url": "http://shop.example"}, "https://"),
        ({"share": 0.0}, "share"),
        ({"share": 1.1}, "share"),
        ({"timeout": 0.0}, "timeout"),
        ({"timeout": float("nan")}, "timeout"),
        ({"api_key": SECRET + "\n"}, "API key"),
    ],
)
def test_options_that_cannot_be_used(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as raised:
        Client(**{"api_key": SECRET, **options})
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("option", ["unique_id", "extra", "nulls"])
def test_words_that_are_no_choice(client: Client, option: str) -> None:
    options: dict[str, Any] = {option: "maybe"}
    with pytest.raises(ConfigurationError, match=f'{option} must be .* not "maybe"'):
        client.bulk.create_events([], **options)


def test_a_run_id_that_leaves_no_room(client: Client) -> None:
    with pytest.raises(ConfigurationError, match="run_id"):
        client.bulk.create_events([], run_id="x" * 250)


def test_keys_are_not_shown(sandbox: Sandbox) -> None:
    client = Client(SECRET, base_url=sandbox.url)
    with pytest.raises(AuthenticationError) as raised:
        client.bulk.import_profiles([ROW])
    error = raised.value
    shown = [client, client.bulk, error, error.__dict__, error.report, str(error), sandbox]
    assert SECRET not in repr(shown)
    assert sandbox.api_key not in repr(shown)


def test_exceptions_and_reports_can_be_pickled(sandbox: Sandbox) -> None:
    rows = [ROW, {"first_name": "Ada"}, {"email": "ada"}]
    with pytest.raises(AuthenticationError) as raised:
        Client(SECRET, base_url=sandbox.url).bulk.import_profiles(rows)
    error = raised.value
    assert error.report is not None

    for twin in (pickle.loads(pickle.dumps(error)), copy.deepcopy(error)):
        assert type(twin) is AuthenticationError
        assert twin.args == error.args
        assert twin.report == error.report
        assert list(twin.report.failures()) == list(error.report.failures())
        assert (twin.status, twin.headers) == (error.status, error.headers)


@pytest.mark.parametrize(
    "error",
    [
        KlaviyoError("a"),
        ConfigurationError("a"),
        ConnectionError("a"),
        TimeoutError("a"),
        RateLimitError("a", status=429, code="throttled", operation="get_lists", retry_after=2.5),
    ],
)
def test_every_kind_can_be_pickled(error: KlaviyoError) -> None:
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert str(twin) == str(error) == "a"
    assert twin.__dict__ == error.__dict__
