"""Profiles: imported, subscribed, suppressed, put on lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from klaviyo_py.bulk._verbs import JobOptions, R, RowOptions, S, Verbs

if TYPE_CHECKING:
    from typing_extensions import Unpack


def _words(channels: str | Sequence[str]) -> list[str]:
    """Several channels, or one by itself, as a row may give it."""
    return [channels] if isinstance(channels, str) else list(channels)


class ProfileVerbs(Verbs[S, R]):
    """Bulk operations on profiles."""

    __slots__ = ()

    def import_profiles(
        self, rows: S, list_id: str | None = None, **options: Unpack[JobOptions]
    ) -> R:
        """Create or update a profile for each row, and wait for Klaviyo's jobs to end.

        A row has the API's attribute names (`email`, `first_name`, `location.city`,
        `properties.anything`, `patch.append.x` …) and at least one identifier: `email`,
        `phone_number`, `external_id`, `id` or `_kx`. With `list_id`, every profile joins that list;
        consent is not touched. With `wait=False` the jobs are not waited for, and rows end
        `accepted`. Profiles that share an identifier within a request are warned of, as Klaviyo may
        keep only one of them; `duplicates="reject"` rejects the later one.

        >>> rows = [{"email": "ada@shop.example", "properties.ltv": 12.5}, {"first_name": "Bo"}]
        >>> report = client.bulk.import_profiles(rows)
        >>> report.completed, report.rejected
        (1, 1)
        >>> for failure in report.failures():
        ...     print(failure.row, failure.code)
        1 missing_identifier
        """
        return self._run("import_profiles", rows, options, list_id=list_id)

    def subscribe_profiles(
        self,
        rows: S,
        list_id: str | None = None,
        *,
        consent: bool = False,
        channels: str | Sequence[str] = (),
        historical_import: bool = False,
        custom_source: str | None = None,
        **options: Unpack[RowOptions],
    ) -> R:
        """Subscribe the profile of each row.

        A row says who by `email`, `phone_number` or `id`, and what to by `channels`, unless the
        `channels` given here hold for all: "email", "sms", "whatsapp", "push" for marketing,
        "sms.transactional", "whatsapp.transactional", "email.open_tracking" and
        "email.click_tracking" for something else. A row may have `age_gated_date_of_birth`, and the
        API's own `subscriptions.…`. With `historical_import`, consents were given earlier, each at
        the row's `consented_at`. Without `list_id`, profiles that do not exist are not created.

        Subscribing lifts earlier unsubscriptions, spam reports and suppressions, so `consent=True`
        must say that all these people agreed. A request whose answer was lost is never repeated;
        its rows end `unknown`, all others `accepted`.

        >>> rows = [{"email": "ada@shop.example"}, {"phone_number": "+12025550123"}]
        >>> report = client.bulk.subscribe_profiles(rows, consent=True, channels=["email"])
        >>> report.accepted, report.rejected
        (1, 1)
        """
        return self._run(
            "subscribe_profiles",
            rows,
            options,
            list_id=list_id,
            consent=consent,
            channels=_words(channels),
            historical_import=historical_import,
            custom_source=custom_source,
        )

    def unsubscribe_profiles(
        self,
        rows: S,
        list_id: str | None = None,
        *,
        everywhere: bool = False,
        channels: str | Sequence[str] = (),
        **options: Unpack[RowOptions],
    ) -> R:
        """Unsubscribe the profile of each row, from a list or `everywhere`; one must be said.

        A row says who by `email`, `phone_number` or `id`, and what from by `channels`, unless the
        `channels` given here hold for all. Rows end `accepted`.

        >>> rows = [{"email": "ada@shop.example", "channels": ["email"]}]
        >>> client.bulk.unsubscribe_profiles(rows, everywhere=True).accepted
        1
        """
        return self._run(
            "unsubscribe_profiles",
            rows,
            options,
            list_id=list_id,
            everywhere=everywhere,
            channels=_words(channels),
        )

    def suppress_profiles(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Suppress the profile of each row, which has `email`: no e-mail marketing goes there.

        Klaviyo's jobs can stay open for hours after they took effect, so they are not waited for
        unless `wait=True` asks for it: rows end `accepted`.

        >>> client.bulk.suppress_profiles([{"email": "ada@shop.example"}]).accepted
        1
        """
        return self._run("suppress_profiles", rows, options)

    def unsuppress_profiles(self, rows: S, **options: Unpack[JobOptions]) -> R:
        """Lift the suppression of the profile of each row, which has `email`.

        Only suppressions that a user made are lifted. Jobs are as with `suppress_profiles`.

        >>> client.bulk.unsuppress_profiles([{"email": "ada@shop.example"}]).accepted
        1
        """
        return self._run("unsuppress_profiles", rows, options)

    def add_profiles_to_list(
        self,
        rows: S,
        list_id: str,
        *,
        subscribe: bool = False,
        consent: bool = False,
        channels: str | Sequence[str] = (),
        **options: Unpack[RowOptions],
    ) -> R:
        """Put the profile of each row on the list.

        A row has `id` (or `profile_id`) or `email`, all rows the same. Addresses are looked up
        first, whatever their case; those that no profile has end `rejected` (`unknown_profile`).
        Consent is not touched, unless `subscribe=True` sends the rows by `subscribe_profiles`,
        which then takes `consent` and `channels`.

        >>> people = [{"email": "ada@shop.example"}, {"email": "bo@shop.example"}]
        >>> client.bulk.import_profiles(people[:1]).completed
        1
        >>> report = client.bulk.add_profiles_to_list(people, sandbox.create_list("News"))
        >>> report.completed, report.reasons
        (1, {'unknown_profile': 1})
        """
        return self._run(
            "add_profiles_to_list",
            rows,
            options,
            list_id=list_id,
            subscribe=subscribe,
            consent=consent,
            channels=_words(channels),
        )

    def remove_profiles_from_list(self, rows: S, list_id: str, **options: Unpack[RowOptions]) -> R:
        """Take the profile of each row off the list; rows are those of `add_profiles_to_list`.

        >>> client.bulk.remove_profiles_from_list([], sandbox.create_list("News")).rows
        0
        """
        return self._run("remove_profiles_from_list", rows, options, list_id=list_id)
