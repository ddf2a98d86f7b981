"""Klaviyo's own SDK for Python: 10,000 dicts a call, nothing else kept or checked."""

from __future__ import annotations

from typing import Any

from klaviyo_api import KlaviyoAPI
from peer import Given, dicts, measure, told

BATCH = 10_000


def send(rows: list[dict[str, Any]], given: Given) -> int:
    """Sends all, one call after the other; gives how many."""
    klaviyo = KlaviyoAPI(given.key, test_host=given.url)
    for start in range(0, len(rows), BATCH):
        data = [{"type": "profile", "attributes": row} for row in rows[start : start + BATCH]]
        attributes = {"profiles": {"data": data}}
        klaviyo.Profiles.bulk_import_profiles(
            {"data": {"type": "profile-bulk-import-job", "attributes": attributes}}
        )
    return len(rows)


if __name__ == "__main__":
    given = told(__doc__, sources=["dicts"])
    rows = dicts(given)
    measure(lambda: send(rows, given))
