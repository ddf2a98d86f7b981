"""A real shop's customers and purchases into a Klaviyo on this machine, under Klaviyo's limits.

CDNOW sold music on the web. What 23,570 customers bought there in 1997 and 1998 became a well-known
data set; it comes here from the package `lifetimes`. Run it with `make demo`.
"""

import resource
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from importlib.metadata import files
from itertools import groupby
from pathlib import Path
from typing import Any

from klaviyo_py import Report, Sandbox


@dataclass
class Purchase:
    """A line of the file."""

    customer: str
    time: datetime
    quantity: int
    value: Decimal


def purchases() -> Iterator[Purchase]:
    """Reads the file, customer by customer."""
    [found] = [file for file in files("lifetimes") or [] if file.name == "CDNOW_master.txt"]
    with Path(str(found.locate())).open() as lines:
        next(lines)  # the names of the columns
        for line in lines:
            customer, day, quantity, dollars = line.split()
            time = datetime.strptime(day, "%Y%m%d").replace(tzinfo=timezone.utc)
            # Klaviyo takes no events before 2000. After 28 years the calendar repeats itself.
            time = time.replace(year=time.year + 28)
            yield Purchase(customer, time, int(quantity), Decimal(dollars))


def profiles() -> Iterator[dict[str, Any]]:
    """A row for each customer."""
    for customer, group in groupby(purchases(), key=lambda purchase: purchase.customer):
        orders = list(group)
        yield {
            "external_id": customer,
            "email": f"customer-{customer}@cdnow.example",
            "properties": {
                "first_purchase": min(order.time for order in orders),
                "last_purchase": max(order.time for order in orders),
                "orders": len(orders),
                "spend": sum(order.value for order in orders),
            },
        }


def events() -> Iterator[dict[str, Any]]:
    """A row for each purchase."""
    for purchase in purchases():
        yield {
            "metric": "Placed Order",
            "external_id": purchase.customer,
            "time": purchase.time,
            "value": purchase.value,
            "value_currency": "USD",
            "properties.quantity": purchase.quantity,
        }


def main() -> None:
    """Imports both, and compares what the client says with what the sandbox holds."""
    with Sandbox(separate_process=True) as klaviyo:
        print(f"CDNOW's customers and purchases go to {klaviyo.url}, under Klaviyo's limits ...")
        client = klaviyo.client()
        imported = client.bulk.import_profiles(profiles())
        print(imported)
        recorded = client.bulk.create_events(events())
        print(recorded)
        state = klaviyo.state()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

    differences = compare(imported, recorded, state)
    elapsed = imported.elapsed + recorded.elapsed
    least = imported.least_time + recorded.least_time
    print(f"elapsed {elapsed:.1f} s; the limits allow no less than {least:.1f} s")
    print(f"peak memory of the client {memory:.0f} MB")
    sys.exit(f"The sandbox does not hold what was reported: {differences}" if differences else 0)


def compare(imported: Report, recorded: Report, state: dict[str, Any]) -> list[str]:
    """Prints both sides; gives the names of the lines that differ."""
    sent = list(purchases())
    [orders] = state["metrics"]
    requests = state["requests"].values()
    lines = {
        "profiles": (imported.completed, state["profiles"]),
        "events": (recorded.accepted, state["events"]),
        "value in USD": (float(sum(p.value for p in sent)), round(orders["value"], 2)),
        "CDs": (sum(p.quantity for p in sent), int(orders["properties"]["quantity"])),
        "requests": (imported.requests + recorded.requests, sum(r["total"] for r in requests)),
        "answered 429": (
            imported.throttled + recorded.throttled,
            sum(r["statuses"].get("429", 0) for r in requests),
        ),
    }
    print(f"\n{'':<16}{'client reports':>16}{'sandbox holds':>16}")
    for name, (reported, held) in lines.items():
        print(f"{name:<16}{reported:>16,}{held:>16,}")
    return [name for name, (reported, held) in lines.items() if reported != held]


if __name__ == "__main__":
    main()
