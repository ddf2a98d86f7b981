"""The sandbox's page, as a person sees it in a browser while a run goes on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.request import urlopen

import pytest

from children import PATIENCE
from chromium import ENTER, SPACE, TAB, chromium, complaints, show, wait
from klaviyo_py import Client, Sandbox

BATCH = 10_000

COUPON: Any = {"data": {"type": "coupon", "attributes": {"external_id": "spring"}}}

# Text whose contrast with its background is below 4.5, the least that WCAG's level AA asks for.
PALE = """
const light = (colour) => {
  const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const ground = (node) => {
  const colour = getComputedStyle(node).backgroundColor;
  return /, 0\\)$/.test(colour) && node.parentElement ? ground(node.parentElement) : colour;
};
return [...document.querySelectorAll("body *")]
  .filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
  .filter((node) => node.checkVisibility() && node.tagName !== "NOSCRIPT")
  .filter((node) => {
    const [one, other] = [light(getComputedStyle(node).color), light(ground(node))];
    return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05) < 4.5;
  })
  .map((node) => node.outerHTML);
"""

# What stands out of the page to the right, or is too small to read.
UNREADABLE = """
const wide = document.documentElement.clientWidth;
return [...document.querySelectorAll("body *")].filter((node) => node.checkVisibility())
  .filter((node) => node.getBoundingClientRect().right > wide + 0.5
    || parseFloat(getComputedStyle(node).fontSize) < 12)
  .map((node) => node.outerHTML)
  .concat(document.documentElement.scrollWidth > wide ? ["the page scrolls sideways"] : []);
"""

# Headings that do not stand above their column; those that are only heard are one pixel wide.
ASTRAY = """
const overlap = (one, other) => one.left < other.right && other.left < one.right;
return [...document.querySelectorAll("thead")]
  .filter((head) => head.checkVisibility() && head.getBoundingClientRect().width > 1)
  .flatMap((head) => [...head.querySelectorAll("th")].filter((heading, column) => {
    const cells = [...head.parentElement.querySelectorAll(`tbody td:nth-child(${column + 1})`)];
    const box = heading.getBoundingClientRect();
    return cells.length === 0 || !cells.every((cell) => overlap(box, cell.getBoundingClientRect()));
  }))
  .map((heading) => heading.textContent);
"""

INTERACTIVE = """
return [...document.querySelectorAll("a[href], button, input, select, [tabindex='0']")]
  .filter((node) => node.checkVisibility());
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as page:
        yield page


@pytest.fixture
def page(browser: Any, sandbox: Sandbox) -> Iterator[Any]:
    """The page of a sandbox that holds nothing yet; a complaint in the console fails the test."""
    browser.get(sandbox.url)
    wait(browser, lambda: text(browser, "connection") == "Live")
    yield browser
    assert complaints(browser) == []


def text(page: Any, name: str) -> str:
    """What stands in an element; `element.text` would leave out what is not in view."""
    found: str = page.execute_script(
        "return document.getElementById(arguments[0]).textContent", name
    )
    return found


def jobs(page: Any) -> dict[str, list[str]]:
    """The jobs of each kind: queued, processing, complete, cancelled, rows done and failed."""
    rows: list[list[str]] = page.execute_script(
        "return [...document.querySelectorAll('#jobs-rows tr')]"
        ".map((row) => [...row.children].map((cell) => cell.textContent))"
    )
    return {kind: counts for kind, *counts in rows}


def used(page: Any, operation: str, caller: str) -> str | None:
    """How many requests a caller's window of a minute has taken; None if it is not shown."""
    label = f"{operation}: requests this minute, {caller}"
    found: str | None = page.execute_script(
        "return document.querySelector(`[role=meter][aria-label='${arguments[0]}']`)"
        "?.getAttribute('aria-valuenow') ?? null",
        label,
    )
    return found


def a_bit_of_everything(sandbox: Sandbox, client: Client) -> None:
    news = sandbox.create_list("Everyone who has ever asked for the newsletter of the shop")
    people = [{"email": f"customer{number}@shop.example"} for number in range(20)]
    client.bulk.import_profiles(people, list_id=news)
    sandbox.inject("server_error", status=503, operation="bulk_create_events", times=1)
    orders = [{"metric": "Placed Order", "email": "customer1@shop.example", "value": 12345.5}]
    client.bulk.create_events(orders)
    client.bulk.delete_catalog_items([{"id": "$custom:::$default:::none"}])
    client.bulk.suppress_profiles([{"email": "customer2@shop.example"}])


def test_counts_move_during_an_import(page: Any, client: Client) -> None:
    assert text(page, "profiles") == "0"
    go_on = threading.Event()

    def rows() -> Iterator[dict[str, str]]:
        for number in range(2 * BATCH):
            # A batch is sent when the rows of the next one come.
            if number == BATCH + BATCH // 2:
                go_on.wait(PATIENCE)
            yield {"external_id": str(number)}

    run = threading.Thread(target=lambda: client.bulk.import_profiles(rows()))
    run.start()
    try:
        wait(page, lambda: text(page, "profiles") == "10,000")
        assert run.is_alive()
    finally:
        go_on.set()
        run.join()
    wait(page, lambda: text(page, "profiles") == "20,000")
    wait(page, lambda: jobs(page)["Profile imports"][4:] == ["20,000", "0"])
    assert "bulk_import_profiles" in text(page, "operations-rows")


def test_windows_show_how_full_they_are(page: Any) -> None:
    with Sandbox(job_seconds=0) as limited:
        page.get(limited.url)
        limited.client().bulk.import_profiles([{"external_id": "1"}])
        meter = "[role=meter][aria-label='bulk_import_profiles: requests this minute, key']"
        wait(page, lambda: page.find_elements("css selector", meter))
        assert page.find_element("css selector", meter).get_attribute("aria-valuemax") == "150"
        assert text(page, "limits") == "against their limits"
        # Leaves before the sandbox does: a page whose sandbox is gone says so in the console.
        page.get("about:blank")


def test_the_windows_of_an_app_stand_beside_those_of_keys(page: Any) -> None:
    with Sandbox() as limited:
        page.get(limited.url)
        limited.client().lists.get_lists()
        app = Client(oauth=limited.oauth, base_url=limited.url)
        for _ in range(2):
            app.lists.get_lists()
        wait(page, lambda: used(page, "get_lists", "key") == "1")
        wait(page, lambda: used(page, "get_lists", "app") == "2")
        page.get("about:blank")


def test_jobs_of_every_kind_show_how_far_they_are(page: Any) -> None:
    with Sandbox(limits=False, job_seconds=3600) as slow:
        page.get(slow.url)
        bulk = slow.client().bulk
        people = [{"email": f"customer{number}@shop.example"} for number in range(3)]
        bulk.import_profiles(people, wait=False)
        bulk.delete_catalog_items([{"id": "$custom:::$default:::none"}], wait=False)
        coupon = slow.client().coupons.create_coupon(COUPON)["data"]["id"]
        bulk.create_coupon_codes([{"unique_code": "SPRING"}], coupon_id=coupon, wait=False)
        bulk.suppress_profiles([{"email": "customer1@shop.example"}], wait=False)
        unwanted = bulk.import_profiles(people, wait=False).open_jobs
        assert all(slow.cancel_job(job.id) for job in unwanted)
        # Queued, processing, complete, cancelled; no job has ended, so no row has.
        expected = {
            "Profile imports": ["1", "0", "0", "1", "0", "0"],
            "Catalog": ["1", "0", "0", "0", "0", "0"],
            "Coupon codes": ["0", "1", "0", "0", "0", "0"],
            "Suppressions": ["0", "1", "0", "0", "0", "0"],
        }
        wait(page, lambda: jobs(page) == expected)
        page.get("about:blank")


def test_of_many_lists_the_first_are_shown(page: Any, sandbox: Sandbox) -> None:
    for number in range(52):
        sandbox.create_list(f"List {number}")
    wait(page, lambda: text(page, "lists-more") == "and 2 more")
    # The name, and that nobody is on it.
    assert text(page, "lists-rows").endswith("List 490")


def test_jobs_tell_what_became_of_their_rows(page: Any, sandbox: Sandbox, client: Client) -> None:
    a_bit_of_everything(sandbox, client)
    wait(page, lambda: "Suppressions" in jobs(page))
    assert jobs(page) == {
        "Profile imports": ["0", "0", "1", "0", "20", "0"],
        "Catalog": ["0", "0", "1", "0", "0", "1"],
        "Suppressions": ["0", "0", "1", "0", "1", "0"],
    }


def test_what_goes_wrong_is_named(page: Any, sandbox: Sandbox, client: Client) -> None:
    a_bit_of_everything(sandbox, client)
    wait(page, lambda: text(page, "errors") == "1")
    assert "bulk_create_events503" in text(page, "failures-rows")
    assert "server_errorbulk_create_events1 of 1" in text(page, "faults-rows")
    wait(page, lambda: text(page, "metrics-rows") == "Placed Order112,345.5")
    page.find_element("id", "clear-faults").click()
    wait(page, lambda: text(page, "faults-rows") == "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1600])
def test_it_can_be_read(
    width: int, scheme: str, page: Any, sandbox: Sandbox, client: Client
) -> None:
    a_bit_of_everything(sandbox, client)
    wait(page, lambda: text(page, "errors") == "1")
    show(page, width=width, scheme=scheme)
    assert page.execute_script("return innerWidth") == width
    assert page.execute_script(UNREADABLE) == []
    assert page.execute_script(PALE) == []
    assert page.execute_script(ASTRAY) == []


def test_the_keyboard_reaches_everything(page: Any, sandbox: Sandbox) -> None:
    sandbox.inject("reset_after_reading")
    wait(page, lambda: text(page, "faults-rows") != "")
    interactive = page.execute_script(INTERACTIVE)
    assert len(interactive) > 5
    for expected in interactive:
        page.switch_to.active_element.send_keys(TAB)
        assert page.switch_to.active_element == expected


def test_pausing_and_forgetting_by_keyboard(page: Any, sandbox: Sandbox) -> None:
    pause, reset = (page.find_element("id", name) for name in ("pause", "reset"))
    pause.send_keys(ENTER)
    assert (text(page, "connection"), pause.get_attribute("aria-pressed")) == ("Paused", "true")
    sandbox.create_list("News")
    pause.send_keys(SPACE)
    wait(page, lambda: text(page, "lists-rows") == "News0")
    reset.send_keys(ENTER)
    page.switch_to.alert.accept()
    wait(page, lambda: text(page, "lists-rows") == "")
    assert sandbox.state()["lists"] == []


def test_nothing_comes_from_elsewhere(page: Any, sandbox: Sandbox) -> None:
    loaded = page.execute_script(
        "return performance.getEntriesByType('resource').map((e) => e.name)"
    )
    assert loaded
    assert all(name.startswith(f"{sandbox.url}/_sandbox/") for name in loaded)
    with urlopen(sandbox.url) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Server"] == "klaviyo-sandbox"
