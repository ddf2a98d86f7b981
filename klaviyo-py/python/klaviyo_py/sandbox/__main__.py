"""The sandbox as a program: prints its address and key, and serves until it is interrupted."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from threading import Event

from klaviyo_py.sandbox import Sandbox


def main() -> None:
    """Serves until Ctrl-C or SIGTERM; with `--child` until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m klaviyo_py.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one (8080)")
    parser.add_argument("--no-limits", action="store_true", help="switch the rate limits off")
    parser.add_argument(
        "--job-seconds", type=float, default=1.0, help="how long an import job takes (1)"
    )
    parser.add_argument(
        "--snapshot",
        type=Path,
        metavar="FILE",
        help="what it holds: read at the start if the file is there, written at the end",
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    sandbox = Sandbox(
        port=arguments.port,
        limits=not arguments.no_limits,
        job_seconds=arguments.job_seconds,
    )
    file: Path | None = arguments.snapshot
    if file and file.exists():
        sandbox.restore(file.read_bytes())
    if arguments.child:
        print(json.dumps([sandbox.url, sandbox.api_key]), flush=True)
        sys.stdin.read()
    else:
        print(f"A Klaviyo sandbox listens on {sandbox.url} and takes the key {sandbox.api_key}")
        print("Ctrl-C stops it.", flush=True)
        wait_for_a_signal()
    if file:
        save(sandbox.snapshot(), file)
    sandbox.stop()


def save(snapshot: bytes, file: Path) -> None:
    """Writes it beside the file first, so that the old one is there until the new one is whole."""
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(snapshot)
    beside.replace(file)


def wait_for_a_signal() -> None:
    """Returns after SIGINT or SIGTERM."""
    asked = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    asked.wait()


if __name__ == "__main__":
    main()
