"""What reading a list into a table costs: klaviyo_py and polars beside Klaviyo's SDK and pandas.

Both read the same profiles, 100 a page, from a sandbox without limits in a process of its own, on a
core of its own where there are two. What counts is the reader's processor time for a row: Klaviyo's
limits (75 pages a second, 700 a minute) hold any reader far below what either could do, and
klaviyo_py keeps to them here too. The SDK does not; its pages become a frame by way of
`pandas.json_normalize`, and since it takes long, it reads only the first of them.

Prints a table, and a line of JSON behind it. It wants pandas and klaviyo-api beside klaviyo_py.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars

from klaviyo_py import Client, Sandbox

# No types, and not there when types are checked.
pandas: Any = import_module("pandas")
klaviyo_api: Any = import_module("klaviyo_api")

SIZE = 100
PAGES = 1_000
# What the SDK reads, of the same profiles.
SDK_PAGES = 50


def profiles() -> Iterator[dict[str, Any]]:
    """Profiles as a shop has them."""
    for number in range(SIZE * PAGES):
        yield {
            "email": f"customer-{number}@shop.example",
            "external_id": f"{number:08}",
            "first_name": "Ada",
            "last_name": f"Number {number}",
            "location": {"city": "København", "country": "Denmark", "zip": "2100"},
            "properties": {"orders": number % 17, "spend": number * 1.07, "vip": number % 5 == 0},
        }


def with_klaviyo_py(client: Client) -> list[str]:
    """The ids, from a frame of all pages."""
    table = polars.DataFrame(client.profiles.get_profiles(page_size=SIZE))
    return table["id"].to_list()


def with_the_sdk(sdk: Any) -> list[str]:
    """The ids, from a frame of the first pages."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(SDK_PAGES):
        page = sdk.Profiles.get_profiles(page_size=SIZE, page_cursor=cursor)
        items += [item.to_dict() for item in page.data]
        [cursor] = parse_qs(urlsplit(page.links.next).query)["page[cursor]"]
    table = pandas.json_normalize(items)
    return list(table["id"])


def measured(name: str, read: Callable[[], list[str]]) -> tuple[list[str], float]:
    """Reads once and says what it took; gives what was read, and processor seconds for a row."""
    start, busy = time.perf_counter(), time.process_time()
    ids = read()
    seconds, processor = time.perf_counter() - start, time.process_time() - busy
    cost = processor / len(ids)
    print(f"{name:<12}{len(ids):>9,}{seconds:>10.1f}{processor:>13.2f}{1 / cost:>19,.0f}")
    return ids, cost


def main() -> None:
    """Prints what a row costs either way, and how many times as much it costs with the SDK."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    with Sandbox(limits=False, separate_process=True, job_seconds=0) as sandbox:
        os.sched_setaffinity(0, cores[:1])
        report = sandbox.client().bulk.import_profiles(profiles())
        assert report.completed == SIZE * PAGES, report
        print(f"{'':<12}{'rows':>9}{'seconds':>10}{'processor s':>13}{'rows/processor s':>19}")
        client = sandbox.client()
        ids, ours = measured("klaviyo_py", lambda: with_klaviyo_py(client))
        assert len(set(ids)) == SIZE * PAGES
        sdk = klaviyo_api.KlaviyoAPI(sandbox.api_key, test_host=sandbox.url)
        first, theirs = measured("SDK, pandas", lambda: with_the_sdk(sdk))
        assert first == ids[: SIZE * SDK_PAGES]
    print(f"{'ratio':<12}{theirs / ours:>51.1f}")
    figures = {"ours_us": ours * 1e6, "sdk_us": theirs * 1e6, "ratio": theirs / ours}
    print(json.dumps({name: round(figure, 2) for name, figure in figures.items()}))


if __name__ == "__main__":
    main()
