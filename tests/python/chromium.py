"""A headless Chromium that looks at one page, driven by its own ChromeDriver."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from children import PATIENCE
from missing import missing, required

# Keys as WebDriver writes them.
TAB, ENTER, SPACE = "\ue004", "\ue007", " "

# Without the flags against background networking it looks up its maker's hosts at every start.
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def chromium() -> Iterator[Any]:
    """A driver of a new browser; without Chromium or its driver the test is skipped, or fails."""
    webdriver: Any = required("selenium.webdriver")
    browser, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if browser is None or driver is None:
        missing("chromium or chromedriver is not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    for flag in FLAGS:
        options.add_argument(flag)
    page = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        yield page
    finally:
        page.quit()


def wait(page: Any, condition: Callable[[], object]) -> None:
    """Returns as soon as the condition holds."""
    waiting: Any = required("selenium.webdriver.support.wait")
    waiting.WebDriverWait(page, PATIENCE, poll_frequency=0.05).until(lambda _: condition())


def show(page: Any, *, width: int, height: int = 900, scheme: str = "light") -> None:
    """Gives the page a width of so many CSS pixels, and a light or dark colour scheme."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def complaints(page: Any) -> list[str]:
    """What the browser's console holds against the page."""
    return [entry["message"] for entry in page.get_log("browser") if entry["level"] != "INFO"]
