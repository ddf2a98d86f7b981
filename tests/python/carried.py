"""What an exception carries."""

from __future__ import annotations

from klaviyo_py import Report


def report_of(error: BaseException) -> Report:
    """The report of a cancelled run. Before Python 3.11 a task raises a CancelledError of its own,
    and the one that its coroutine met stands behind it as the context."""
    while "report" not in vars(error) and error.__context__:
        error = error.__context__
    report = vars(error)["report"]
    assert isinstance(report, Report)
    return report
