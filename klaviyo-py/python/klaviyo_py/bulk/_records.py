"""Coupon codes and custom objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from klaviyo_py.bulk._verbs import JobOptions, R, RowOptions, S, Verbs

if TYPE_CHECKING:
    from typing_extensions import Unpack


class RecordVerbs(Verbs[S, R]):
    """Bulk operations on coupon codes and custom objects."""

    __slots__ = ()

    def create_coupon_codes(
        self, rows: S, coupon_id: str | None = None, **options: Unpack[JobOptions]
    ) -> R:
        """Create a coupon code for each row.

        A row has `unique_code`, and as it likes `expires_at` and `coupon` (the coupon's id), which
        `coupon_id` gives to rows that have none. Rows wait for Klaviyo's job.

        >>> client.bulk.create_coupon_codes([{"unique_code": "SAVE-1"}]).reasons
        {'missing_field': 1}
        """
        return self._run("create_coupon_codes", rows, options, coupon_id=coupon_id)

    def create_data_source_records(
        self, rows: S, data_source_id: str, **options: Unpack[RowOptions]
    ) -> R:
        """Create a record of the data source for each row: the row is the record.

        Klaviyo says only in the ingestion log of the object type which records it could not use:
        rows end `accepted`. A request whose answer was lost is not repeated; its rows end
        `unknown`.
        """
        return self._run("create_data_source_records", rows, options, data_source_id=data_source_id)

    def delete_object_records(self, rows: S, **options: Unpack[RowOptions]) -> R:
        """Delete a record of an object for each row, which has `id`; rows end `accepted`."""
        return self._run("delete_object_records", rows, options)
