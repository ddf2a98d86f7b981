"""Move millions of rows into Klaviyo, as fast as the account's limits allow.

>>> client = Client(api_key=sandbox.api_key, base_url=sandbox.url)
>>> report = client.bulk.import_profiles([{"email": "ada@shop.example", "first_name": "Ada"}])
>>> report.completed
1

Every row has a known end, which the report counts, and `report.failures()` says of each row that
did not get through why. `Sandbox` is a Klaviyo on this machine, to try all this with.
"""

import typing as _typing

from klaviyo_py._klaviyo import (
    AsyncOutcomeStream,
    AsyncRecordBatches,
    Failures,
    Jobs,
    OutcomeStream,
    RecordBatch,
    RecordBatches,
    __version__,
)
from klaviyo_py.client import AsyncClient, Client
from klaviyo_py.dead_letters import dead_letters
from klaviyo_py.exceptions import (
    APIStatusError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    FailedRowsError,
    JournalError,
    KlaviyoError,
    NotFoundError,
    PayloadTooLargeError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)
from klaviyo_py.exceptions import (
    ConnectionError as ConnectionError,
)
from klaviyo_py.exceptions import (
    TimeoutError as TimeoutError,
)
from klaviyo_py.page import AsyncPage, Page
from klaviyo_py.response import RawResponse

if _typing.TYPE_CHECKING:
    from klaviyo_py.bulk import AsyncBulk, Bulk
    from klaviyo_py.jobs import Job, JobFailure, JobReport
    from klaviyo_py.oauth import OAuth, Tokens
    from klaviyo_py.plan import Plan
    from klaviyo_py.progress import Progress
    from klaviyo_py.report import Failure, Report, RowOutcome
    from klaviyo_py.sandbox import Sandbox
else:
    # Imported when they are first asked for: they take longer than all of the rest.
    _WHERE = {
        "AsyncBulk": "bulk",
        "Bulk": "bulk",
        "Failure": "report",
        "Job": "jobs",
        "JobFailure": "jobs",
        "JobReport": "jobs",
        "OAuth": "oauth",
        "Plan": "plan",
        "Progress": "progress",
        "Report": "report",
        "RowOutcome": "report",
        "Sandbox": "sandbox",
        "Tokens": "oauth",
    }

    def __getattr__(name):
        from importlib import import_module

        module = _WHERE.get(name)
        if module is not None:
            value = globals()[name] = getattr(import_module(f"{__name__}.{module}"), name)
            return value
        if name in _WHERE.values():
            return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)

    def __dir__():
        return sorted(globals().keys() | _WHERE)


# Without ConnectionError and TimeoutError, which would take the place of Python's own.
__all__ = [
    "APIStatusError",
    "AsyncBulk",
    "AsyncClient",
    "AsyncOutcomeStream",
    "AsyncPage",
    "AsyncRecordBatches",
    "AuthenticationError",
    "BadRequestError",
    "Bulk",
    "Client",
    "ConfigurationError",
    "ConflictError",
    "FailedRowsError",
    "Failure",
    "Failures",
    "Job",
    "JobFailure",
    "JobReport",
    "Jobs",
    "JournalError",
    "KlaviyoError",
    "NotFoundError",
    "OAuth",
    "OutcomeStream",
    "Page",
    "PayloadTooLargeError",
    "PermissionDeniedError",
    "Plan",
    "Progress",
    "RateLimitError",
    "RawResponse",
    "RecordBatch",
    "RecordBatches",
    "Report",
    "RowOutcome",
    "Sandbox",
    "ServerError",
    "Tokens",
    "__version__",
    "dead_letters",
]
