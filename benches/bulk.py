"""How fast rows become requests: klaviyo_py beside the loop that one would write by hand.

Both send the same 100,000 profiles from the same dicts, as wide as a shop's, to a sandbox without
limits in a process of its own, in the ten requests that fit into Klaviyo's first second; so neither
waits for anything but the sandbox, whose speed the rates depend on, while the processor's time is
the sender's alone. Runs alternate, and the best of each counts. What the loop does without: checks
of rows, limits, retries, the end of each row. Run it with `make bench`.
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
    """Prints what each takes, and how many times as much the loop takes."""
    profiles = rows()
    ways = (with_klaviyo_py, by_hand)
    seconds = dict.fromkeys(ways, float("inf"))
    processor = dict.fromkeys(ways, float("inf"))
    with Sandbox(limits=False, separate_process=True) as sandbox:
        for _ in range(ROUNDS):
            for send in ways:
                sandbox.reset()
                start, busy = time.perf_counter(), time.process_time()
                send(sandbox, profiles)
                seconds[send] = min(seconds[send], time.perf_counter() - start)
                processor[send] = min(processor[send], time.process_time() - busy)
    print(f"{'':<16}{'rows/s':>10}{'processor, us/row':>20}")
    for send in ways:
        rate, cost = ROWS / seconds[send], processor[send] / ROWS * 1e6
        print(f"{send.__name__:<16}{rate:>10,.0f}{cost:>20.2f}")
    slower = seconds[by_hand] / seconds[with_klaviyo_py]
    dearer = processor[by_hand] / processor[with_klaviyo_py]
    print(f"{'ratio':<16}{slower:>10.2f}{dearer:>20.2f}")


if __name__ == "__main__":
    main()
