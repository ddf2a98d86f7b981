"""What is missing skips a test here, and fails it where nothing may be missing."""

from __future__ import annotations

import pytest

from missing import NO_SKIPS, required


def test_a_missing_module_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NO_SKIPS, raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"^no_such_module is not installed$"):
        required("no_such_module")


def test_a_missing_module_fails_where_nothing_may_be_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(NO_SKIPS, "1")
    with pytest.raises(pytest.fail.Exception, match=r"^no_such_module is not installed, and"):
        required("no_such_module")
