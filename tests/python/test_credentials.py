"""Who sends: keys, tokens, and tokens that are renewed."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from klaviyo_py import AuthenticationError, Client, ConfigurationError, OAuth, Tokens

APP = OAuth(client_id="app", client_secret="app-secret", refresh_token="refresh-me")


class Desk(ThreadingHTTPServer):
    """Gives out tokens, and lets in whoever shows the newest."""

    renewals = 0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Doorman)
        self.shown: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Doorman(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.renewals += 1
        token = f"token-{self.server.renewals}"
        self.answer(200, {"access_token": token, "expires_in": 3600})

    def do_GET(self) -> None:
        shown = self.headers["Authorization"]
        self.server.shown.append(shown)
        newest = shown == f"Bearer token-{self.server.renewals}"
        self.answer(200 if newest else 401, {"data": []})

    def answer(self, status: int, body: object) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as desk:
        thread = Thread(target=desk.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield desk
        desk.shutdown()
        thread.join()


def test_tokens_are_renewed_and_told(desk: Desk) -> None:
    told: list[Tokens] = []
    client = Client(oauth=APP, on_token_refresh=told.append, base_url=desk.url)
    before = datetime.now(timezone.utc)
    client.profiles.get_profiles()
    client.profiles.get_profiles()
    assert desk.shown == ["Bearer token-1", "Bearer token-1"]
    assert [tokens.access_token for tokens in told] == ["token-1"]
    assert told[0].refresh_token == "refresh-me"
    lifetime = told[0].expires_at - before
    assert timedelta(minutes=59) < lifetime < timedelta(minutes=61)


def test_a_token_at_hand_is_used_until_it_is_refused(desk: Desk) -> None:
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    oauth = OAuth("app", "app-secret", "refresh-me", access_token="old", expires_at=tomorrow)
    Client(oauth=oauth, base_url=desk.url).profiles.get_profiles()
    assert desk.shown == ["Bearer old", "Bearer token-1"]


def test_a_failing_store_does_not_fail_the_request(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def store(tokens: Tokens) -> None:
        raise OSError("disk full")

    unraisable: list[BaseException | None] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda hook: unraisable.append(hook.exc_value))
    client = Client(oauth=APP, on_token_refresh=store, base_url=desk.url)
    assert client.profiles.get_profiles()["data"] == []
    assert [str(error) for error in unraisable] == ["disk full"]


def test_a_store_that_sends_with_its_own_client_is_told_so(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request would wait for the store, and the store for the request."""

    def store(tokens: Tokens) -> None:
        assert other.profiles.get_profiles()["data"] == []
        client.with_options(max_retries=0).profiles.get_profiles()

    unraisable: list[BaseException | None] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda hook: unraisable.append(hook.exc_value))
    other = Client(access_token="token-1", base_url=desk.url)
    client = Client(oauth=APP, on_token_refresh=store, base_url=desk.url)
    assert client.profiles.get_profiles()["data"] == []
    [error] = unraisable
    assert isinstance(error, ConfigurationError)
    assert "stores new tokens" in str(error)
    assert client.profiles.get_profiles()["data"] == []


def test_a_token_of_somebody_else_is_not_renewed(desk: Desk) -> None:
    client = Client(access_token="theirs", base_url=desk.url)
    with pytest.raises(AuthenticationError):
        client.profiles.get_profiles()
    assert desk.shown == ["Bearer theirs"]
    assert desk.renewals == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"api_key": "pk_test", "oauth": APP}, "not several"),
        ({"api_key": "pk_test", "access_token": "token"}, "not several"),
        ({"api_key": "pk_test", "on_token_refresh": print}, "oauth="),
        ({"oauth": OAuth("app", "s", "r", access_token="token")}, "together"),
        (
            {"oauth": OAuth("app", "s", "r", "token", datetime(2026, 11, 1))},  # noqa: DTZ001
            "time zone",
        ),
        ({"api_key": "pk_test", "proxy": "ada:password@"}, "proxy"),
        ({"api_key": "pk_test", "ca_bundle": "nowhere.pem"}, "nowhere.pem"),
    ],
)
def test_what_cannot_be_used_is_told(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words) as caught:
        Client(**arguments)  # type: ignore[arg-type]
    assert "password" not in str(caught.value)


def test_a_bundle_without_certificates_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("nothing")
    with pytest.raises(ConfigurationError, match="CA bundle"):
        Client("pk_test", ca_bundle=bundle)


def test_secrets_are_not_shown() -> None:
    tokens = Tokens("access-me", "refresh-me", datetime.now(timezone.utc))
    shown = f"{APP!r} {tokens!r} {Client(oauth=APP)!r}"
    assert "secret" not in shown.replace("client_secret", "")
    assert "refresh-me" not in shown
    assert "access-me" not in shown


def test_a_proxy_is_used(desk: Desk) -> None:
    client = Client(access_token="token-0", base_url="http://127.0.0.1:9", proxy=desk.url)
    assert client.profiles.get_profiles()["data"] == []
    assert desk.shown == ["Bearer token-0"]
