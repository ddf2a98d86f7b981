"""All bulk operations with rows, and the going on with a run of any of them."""

from __future__ import annotations

from os import PathLike
from typing import Any, cast

from klaviyo_py import _klaviyo
from klaviyo_py.bulk._catalogs import CatalogVerbs
from klaviyo_py.bulk._events import EventVerbs
from klaviyo_py.bulk._profiles import ProfileVerbs
from klaviyo_py.bulk._records import RecordVerbs
from klaviyo_py.bulk._verbs import Begun, R, S


class RowVerbs(ProfileVerbs[S, R], EventVerbs[S, R], CatalogVerbs[S, R], RecordVerbs[S, R]):
    """All bulk operations with rows."""

    __slots__ = ()


class ResumableVerbs(RowVerbs[S, R]):
    """All bulk operations with rows, where they can be resumed."""

    __slots__ = ()

    def resume(self, journal: str | PathLike[str], rows: S, **options: Any) -> R:
        """Go on with the run of a journal, which knows its operation and its id.

        `rows` are those that the run began with, from the first, and `options` the keywords of its
        method (`list_id=` …), except `journal`. What Klaviyo took is not sent again, jobs are
        followed on, and what was never sent is sent. Requests that were under way may have been
        applied: they are sent again where that is safe, and their rows end `unknown` elsewhere. The
        report is about all rows. A run that came to its end only gives its report again, unless
        jobs that it did not wait for are waited for now. Another key of the account will do; the
        report warns of it.

        Raises JournalError when the file holds no run or was begun with another `base_url`, or when
        the rows or options turn out to be others, before anything of them is sent.

        >>> people = [{"email": "ada@shop.example"}, {"email": "bo@shop.example"}]
        >>> client.bulk.import_profiles(people, journal=folder / "import.db").completed
        2
        >>> report = client.bulk.resume(folder / "import.db", people)
        >>> report.completed, report.requests
        (2, 0)
        """
        verb = getattr(self, _klaviyo.journal_verb(journal))
        return cast(R, verb(rows, **options, journal=Begun(journal)))
