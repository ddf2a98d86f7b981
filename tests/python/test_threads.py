"""One client, several threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from klaviyo_py import Client, Sandbox


def test_a_client_may_be_used_from_several_threads(client: Client, sandbox: Sandbox) -> None:
    def send(thread: int) -> int:
        rows = ({"metric": "Viewed", "external_id": f"{thread}-{n}"} for n in range(5000))
        return client.bulk.create_events(rows).accepted

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [5000] * 4
    assert sandbox.state()["events"] == 20_000
