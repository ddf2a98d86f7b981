"""Requests to a sandbox. Imported when the first is made: urllib takes its time."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from klaviyo_py.sandbox import RefusedError

# Loopback never goes through a proxy, whatever the environment says.
_opener = build_opener(ProxyHandler({}))


def path_of(*parts: str, **query: object) -> str:
    """The path of what the sandbox shows, with its parameters."""
    path = "/_sandbox/" + "/".join(quote(part, safe="") for part in parts)
    return f"{path}?{urlencode(query)}" if query else path


def ask(
    url: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    method: str | None = None,
) -> bytes:
    """The answer to a request; RefusedError or ConnectionError says why there is none."""
    request = Request(url, body, headers or {}, method=method)
    try:
        with _opener.open(request, timeout=60) as answer:
            content: bytes = answer.read()
            return content
    except HTTPError as error:
        with error:
            reason = _reason(error.read())
        raise RefusedError(reason, error.code) from None
    except URLError as error:
        where = f"{request.type}://{request.host}"
        raise ConnectionError(
            f"no sandbox answers at {where} ({error.reason}): was it stopped?"
        ) from None


def _reason(answer: bytes) -> str:
    try:
        errors: list[dict[str, Any]] = json.loads(answer)["errors"]
        return " ".join(error["detail"] for error in errors)
    except (ValueError, LookupError, TypeError):
        return answer.decode(errors="replace")
