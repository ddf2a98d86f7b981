"""Three customers into a Klaviyo on this machine: two arrive, one is told apart.

It needs nothing but the package, so it also tells whether an installed wheel works.
"""

from __future__ import annotations

from klaviyo_py import Report, Sandbox


def import_customers() -> Report:
    """A run against a sandbox with Klaviyo's limits and caps."""
    with Sandbox() as sandbox:
        report = sandbox.client().bulk.import_profiles(
            [
                {"email": "ada@shop.example", "first_name": "Ada", "properties": {"orders": 3}},
                {"external_id": "1815", "location.city": "London", "properties.orders": 1},
                {"email": "not an address"},
            ]
        )
        held = sandbox.state()["profiles"]
    if held != report.completed:
        raise SystemExit(f"{report.completed} completed, but the sandbox holds {held}")
    return report


if __name__ == "__main__":
    report = import_customers()
    print(report)
    for failure in report.failures():
        print(f"row {failure.row} {failure.outcome}: {failure.pointer}: {failure.detail}")
    if (report.completed, report.rejected) != (2, 1):
        raise SystemExit("two rows should have arrived, and one been rejected")
