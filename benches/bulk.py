"""How fast rows become requests: klaviyo_py beside the loop that one would write by hand.

Both send the same 100,000 profiles from the same dicts, as wide as a shop's, to a sandbox without
limits in a process of its own, in the ten requests that fit into Klaviyo's first second; so neither
waits for anything but the sandbox. Runs alternate, and the best of each counts. What the loop does
without: checks of rows, limits, retries, the end of each row. Run it with `make bench`.
"""

import http.client
import json
import time
from typing import Any

from klaviyo_py import Sandbox

ROWS = 100_000
ROUNDS = 5
# Klaviyo's cap on the profiles of one request.
BATCH = 10_000


def rows() -> list[dict[str, Any]]:
    """Profiles as a shop has them, a good 300 bytes each: ten thousand fit into a request."""
    return [
        {
            "email": f"customer-{number}@shop.example",
            "external_id": f"{number:08}",
            "first_name": "Ada",
            "last_name": f"Number {number}",
            "location": {"city": "København", "country": "Denmark", "zip": "2100"},
            "properties": {
                "orders": number % 17,
                "spend": number * 1.07,
                "vip": number % 5 == 0,
                "tags": ["web", "newsletter"],
                "last_order": "2026-10-31T12:00:00Z",
            },
        }
        for number in range(ROWS)
    ]


def with_klaviyo_py(sandbox: Sandbox, profiles: list[dict[str, Any]]) -> None:
    """One call. A new client has all of its limits left."""
    report = sandbox.client().bulk.import_profiles(profiles, wait=False)
    assert (report.accepted, report.batches) == (ROWS, ROWS / BATCH), report


def by_hand(sandbox: Sandbox, profiles: list[dict[str, Any]]) -> None:
    """json.dumps and one connection."""
    connection = http.client.HTTPConnection(sandbox.url.removeprefix("http://"))
    headers = {
        "Authorization": f"Klaviyo-API-Key {sandbox.api_key}",
        "Content-Type": "application/vnd.api+json",
        "revision": "2026-10-15",
    }
    for start in range(0, ROWS, BATCH):
        batch = profiles[start : start + BATCH]
        data = [{"type": "profile", "attributes": profile} for profile in batch]
        attributes = {"profiles": {"data": data}}
        body = {"data": {"type": "profile-bulk-import-job", "attributes": attributes}}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        connection.request("POST", "/api/profile-bulk-import-jobs", text.encode(), headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 202, answer.status
    connection.close()


def main() -> None:
    """Prints both rates and their ratio."""
    profiles = rows()
    best = {with_klaviyo_py: float("inf"), by_hand: float("inf")}
    with Sandbox(limits=False, separate_process=True) as sandbox:
        for _ in range(ROUNDS):
            for send in best:
                sandbox.reset()
                start = time.perf_counter()
                send(sandbox, profiles)
                best[send] = min(best[send], time.perf_counter() - start)
    for send, seconds in best.items():
        print(f"{send.__name__:<16}{ROWS / seconds:>10,.0f} rows/s")
    print(f"{'ratio':<16}{best[by_hand] / best[with_klaviyo_py]:>10.2f}")


if __name__ == "__main__":
    main()
