"""What reading a list into a table costs: klaviyo_py and polars beside Klaviyo's SDK and pandas.

Both read the same profiles, 100 a page, from a sandbox without limits in a process of its own, on a
core of its own where there are two. What counts is the reader's processor time for a row: of
Klaviyo, nobody gets more than 75 pages a second and 700 a minute. The SDK's pages become a frame by
way of `pandas.json_normalize`, and since it takes long, it reads only the first of them.

`python benches/reading.py [--pages N] [--results FOLDER]` prints a table; with a folder, the
figures are left there as `reading.json`. It wants pandas and klaviyo-api beside klaviyo_py.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import polars
import results
from machine import machine

from klaviyo_py import Client, Sandbox

# No types, and not there when types are checked.
pandas: Any = import_module("pandas")
klaviyo_api: Any = import_module("klaviyo_api")

SIZE = 100
# More than any machine can read: what is measured is the reader.
NO_LIMITS = {"get_profiles": (1_000_000, 1_000_000)}
# Of the pages, the SDK reads one in so many.
SDK_PART = 20


def profiles(pages: int) -> Iterator[dict[str, Any]]:
    """Profiles as a shop has them."""
    for number in range(SIZE * pages):
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


def with_the_sdk(sdk: Any, pages: int) -> list[str]:
    """The ids, from a frame of the first pages."""
    items: list[dict[str, Any]] = []
    cursor: str | None = None
    for _ in range(pages):
        page = sdk.Profiles.get_profiles(page_size=SIZE, page_cursor=cursor)
        items += [item.to_dict() for item in page.data]
        [cursor] = parse_qs(urlsplit(page.links.next).query)["page[cursor]"]
    table = pandas.json_normalize(items)
    return list(table["id"])


def measured(read: Callable[[], list[str]]) -> tuple[list[str], dict[str, float]]:
    """Reads once; gives what was read, and what that took."""
    start, busy = time.perf_counter(), time.process_time()
    ids = read()
    wall, cpu = time.perf_counter() - start, time.process_time() - busy
    return ids, {"rows": len(ids), "wall_seconds": wall, "cpu_seconds": cpu}


def readers(pages: int) -> dict[str, dict[str, float]]:
    """What reading takes with either, from a sandbox on another core."""
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, cores[-1:])
    with Sandbox(limits=False, separate_process=True, job_seconds=0) as sandbox:
        os.sched_setaffinity(0, cores[:1])
        client = Client(sandbox.api_key, base_url=sandbox.url, limits=NO_LIMITS)
        report = client.bulk.import_profiles(profiles(pages))
        assert report.completed == SIZE * pages, report
        ids, ours = measured(lambda: with_klaviyo_py(client))
        assert len(set(ids)) == SIZE * pages
        sdk = klaviyo_api.KlaviyoAPI(sandbox.api_key, test_host=sandbox.url)
        first, theirs = measured(lambda: with_the_sdk(sdk, pages // SDK_PART))
        assert first == ids[: len(first)]
    return {"klaviyo_py, polars": ours, "vendor's SDK, pandas": theirs}


def main() -> None:
    """What a row costs either way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    result: dict[str, Any] = {
        "machine": machine("klaviyo-api", "pandas", "polars"),
        "readers": readers(given.pages),
    }
    print(results.reading_table(result))
    if given.results:
        results.keep(given.results, "reading", result)


if __name__ == "__main__":
    main()
