"""The sandbox as a program: prints its address and key, and serves until it is interrupted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from threading import Event

from klaviyo_py._klaviyo import SandboxServer


def main() -> None:
    """Serves until Ctrl-C or SIGTERM; with `--child` until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m klaviyo_py.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one (8080)")
    parser.add_argument("--no-limits", action="store_true", help="switch the rate limits off")
    parser.add_argument(
        "--job-seconds", type=float, default=1.0, help="how long an import job takes (1)"
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    server = SandboxServer(
        port=arguments.port,
        limits=not arguments.no_limits,
        job_seconds=arguments.job_seconds,
    )
    if arguments.child:
        print(json.dumps([server.url, server.api_key]), flush=True)
        sys.stdin.read()
    else:
        print(f"A Klaviyo sandbox listens on {server.url} and takes the key {server.api_key}")
        print("Ctrl-C stops it.", flush=True)
        wait_for_a_signal()
    server.stop()


def wait_for_a_signal() -> None:
    """Returns after SIGINT or SIGTERM."""
    asked = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    asked.wait()


if __name__ == "__main__":
    main()
