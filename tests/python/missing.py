"""What a test needs from outside this package, and what it does where that is missing."""

from __future__ import annotations

import importlib
import os
from types import ModuleType
from typing import NoReturn

import pytest

# Set where everything is there, as in continuous integration: nothing may go untested unseen.
NO_SKIPS = "KLAVIYO_PY_NO_SKIPS"


def missing(reason: str) -> NoReturn:
    """Skips the test or module; fails it where nothing may be missing."""
    if os.environ.get(NO_SKIPS):
        pytest.fail(f"{reason}, and {NO_SKIPS} is set", pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def required(module: str) -> ModuleType:
    """A module, if it is installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        missing(f"{module} is not installed")
