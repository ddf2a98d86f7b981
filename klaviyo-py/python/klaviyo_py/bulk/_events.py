"""Events, with a key and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from klaviyo_py.bulk._verbs import R, RowOptions, S, Verbs

if TYPE_CHECKING:
    from typing_extensions import Unpack


class EventVerbs(Verbs[S, R]):
    """Bulk operations on events."""

    __slots__ = ()

    def create_events(
        self,
        rows: S,
        *,
        unique_id: Literal["run", "content"] = "run",
        **options: Unpack[RowOptions],
    ) -> R:
        """Record an event for each row.

        A row has `metric` (its name), and as it likes `time`, `value`, `value_currency`,
        `unique_id`, `properties.anything` and `backfill`; its profile stands under `profile.…`, or
        is given by a bare identifier: `email`, `phone_number`, `external_id`, `anonymous_id`, `_kx`
        or `profile_id`. Klaviyo validates a request before it answers and records its events later,
        without a word on what became of them: rows end `accepted`.

        Klaviyo takes a `unique_id` only once for each profile and metric. A row without one gets it
        from the run's id and the row's number (`unique_id="run"`): identical rows stay separate
        events, and a run that is repeated under the same `run_id` records nothing twice. With
        `unique_id="content"` it is a hash of the row: a source that is read twice records nothing
        twice, and identical rows become one event.

        >>> order = {"metric": "Placed Order", "external_id": "00001", "value": 11.77}
        >>> client.bulk.create_events([order, order]).accepted
        2
        >>> sandbox.state()["events"]
        2
        """
        return self._run("create_events", rows, options, unique_id=unique_id)

    def create_client_events(
        self,
        rows: S,
        company_id: str,
        *,
        unique_id: Literal["run", "content"] = "run",
        **options: Unpack[RowOptions],
    ) -> R:
        """Record an event for each row as a website does: without a key, but with `company_id`.

        `company_id` is the account's public id. Rows are those of `create_events`. A request holds
        events of one profile, so sort rows by profile.
        """
        return self._run(
            "create_client_events", rows, options, company_id=company_id, unique_id=unique_id
        )
