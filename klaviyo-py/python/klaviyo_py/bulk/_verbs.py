"""What the bulk operations have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, Iterable, Mapping
from os import PathLike, fspath
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    NamedTuple,
    Protocol,
    TypeAlias,
    TypedDict,
    TypeVar,
    cast,
)

from klaviyo_py._arguments import each_method, no_attribute
from klaviyo_py.bulk._checked import checked
from klaviyo_py.progress import ProgressOption, callback

if TYPE_CHECKING:
    from klaviyo_py._face import Face


class ArrowStream(Protocol):
    """What offers itself as a stream of Arrow's record batches: a frame, a table, a query."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


class ArrowArray(Protocol):
    """What offers itself as one batch of Arrow's records."""

    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...


Path: TypeAlias = str | PathLike[str]

Rows: TypeAlias = Iterable[Mapping[str, object] | Path] | ArrowStream | ArrowArray | Path
"""Rows are dicts, from any iterable; or records of Arrow; or files, by path or pattern. One member
for all iterables, so that type checkers read a list of dicts as what it is to be."""

AsyncRows: TypeAlias = Rows | AsyncIterable[Mapping[str, object]]
"""The rows of an AsyncClient may also be awaited one by one."""

S = TypeVar("S", bound=AsyncRows, contravariant=True)
"""What a bulk operation takes: Rows, or AsyncRows."""

R = TypeVar("R", covariant=True)
"""What a bulk operation gives: a Report, or what else the class of its method makes of the rows."""


class Call(NamedTuple):
    """A bulk operation with its rows and options."""

    operation: str
    rows: AsyncRows
    own: dict[str, object]
    """The options of this operation alone."""
    common: dict[str, object]
    """Those that all operations have."""


class RowOptions(TypedDict, total=False):
    """The keywords that all bulk operations take."""

    extra: Literal["reject", "properties"]
    """What becomes of a name that Klaviyo does not know: "reject" rejects the row and suggests the
    nearest name, "properties" makes it a custom property."""
    nulls: Literal["omit", "clear", "reject"]
    """What becomes of None in a field or property: "omit" leaves it out, "clear" sends it (only
    where that clears), "reject" rejects the row."""
    duplicates: Literal["warn", "reject"]
    """What becomes of a row that shares an identifier with an earlier one of its request."""
    columns: Mapping[str, str] | None
    """Other names for columns: from the source's to Klaviyo's."""
    types: Mapping[str, Literal["text", "number", "integer", "boolean", "json"]] | None
    """What the cells of CSV stand for, by column; a field of Klaviyo's has its type anyway."""
    separator: str
    """What stands between the cells of CSV: "," unless it is said, ";" or a tab, say."""
    run_id: str | None
    """Names the run; drawn when it is not given."""
    progress: ProgressOption
    """True shows a bar (with tqdm: `pip install "klaviyo-py[progress]"`); a callable is called with
    a Progress, ten times a second at most and once at the end."""
    journal: str | PathLike[str] | None
    """A new file in which the run writes down what it does, so that it can be resumed."""


class JobOptions(RowOptions, total=False):
    """The keywords of operations for which Klaviyo begins jobs."""

    wait: bool | None
    """Whether to wait for the jobs; False leaves rows `accepted`, and the jobs in `open_jobs`. None
    waits, except for jobs that can stay open for hours after they took effect (suppressions)."""
    job_deadline: float
    """Seconds for which a job is waited for at most (3,600); then its rows stay `accepted`."""


class Begun(PathLike[str]):
    """The journal of a run that is gone on with, in place of a new one."""

    __slots__ = ("_path",)

    def __init__(self, path: str | PathLike[str]) -> None:
        self._path = fspath(path)

    def __fspath__(self) -> str:
        return self._path


class Verbs(ABC, Generic[S, R]):
    """Bulk operations of a client that belong together, each of which gives an R."""

    __slots__ = ("_client",)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        each_method(cls, checked)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            raise no_attribute(self, name, "bulk operation")

    def __init__(self, client: Face) -> None:
        self._client = client

    def _run(self, operation: str, rows: S, common: RowOptions | JobOptions, **own: object) -> R:
        """Do what the class is for; options of the operation that are None are left out."""
        given = {name: value for name, value in own.items() if value is not None}
        options = cast("dict[str, object]", common)
        if isinstance(options.get("journal"), Begun):
            options["resume"] = options.pop("journal")
        if "progress" in options:
            options["progress"] = callback(cast(ProgressOption, options["progress"]), operation)
        return self._do(Call(operation, rows, given, options))

    @abstractmethod
    def _do(self, call: Call) -> R:
        """Do what the class is for."""
