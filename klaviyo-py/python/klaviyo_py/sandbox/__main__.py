"""The sandbox as a program: prints its address and key, and serves until it is interrupted."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from threading import Event

from klaviyo_py.sandbox import Sandbox


def main() -> None:
    """Serves until Ctrl-C or SIGTERM."""
    arguments = parser().parse_args()
    sandbox = Sandbox(
        port=arguments.port,
        limits=not arguments.no_limits,
        job_seconds=arguments.job_seconds,
        api_key=arguments.api_key,
        scopes=arguments.scope,
        company=arguments.company,
        confirm=arguments.confirm,
        suppression_seconds=arguments.suppression_seconds,
        sink=arguments.sink,
        seed=arguments.seed,
    )
    file: Path | None = arguments.snapshot
    if file and file.exists():
        sandbox.restore(file.read_bytes())
    print(f"A Klaviyo sandbox listens on {sandbox.url} and takes the key {sandbox.api_key}")
    print("Ctrl-C stops it.", flush=True)
    wait_for_a_signal()
    if file:
        save(sandbox.snapshot(), file)
    sandbox.stop()


def parser() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    parser = argparse.ArgumentParser(prog="python -m klaviyo_py.sandbox", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=8080, help="0 takes a free one (8080)")
    add("--no-limits", action="store_true", help="switch the rate limits off")
    add("--job-seconds", type=float, default=1.0, help="how long an import job takes (1)")
    add("--api-key", help="the private key that it takes (pk_sandbox)")
    add("--scope", action="append", help="a scope that the key has, again for more (all)")
    add("--company", help="the company's id, which /client/... takes (SNDBX1)")
    add("--confirm", action="store_true", help="let everybody confirm double opt-ins at once")
    add(
        "--suppression-seconds",
        type=float,
        default=0.0,
        help="how long a suppression job shows as processing after its effect (0)",
    )
    add(
        "--sink",
        action="store_true",
        help="count and hash bulk profiles and events, but neither parse nor keep them",
    )
    add("--seed", type=int, help="what ids are drawn from (drawn itself)")
    add(
        "--snapshot",
        type=Path,
        metavar="FILE",
        help="what it holds: read at the start if the file is there, written at the end",
    )
    return parser


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
