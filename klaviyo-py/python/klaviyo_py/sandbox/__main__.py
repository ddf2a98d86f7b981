"""The sandbox as a program: prints its address and key, and serves until it is interrupted."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from threading import Event

from klaviyo_py._klaviyo import SandboxServer
from klaviyo_py.exceptions import ConfigurationError
from klaviyo_py.sandbox import Sandbox
from klaviyo_py.sandbox._settings import Chosen, all_settings

DEFAULTS = {"port": "8080"}
"""An address to remember."""


def main() -> None:
    """Serves until Ctrl-C or SIGTERM."""
    options = parser()
    arguments = options.parse_args()
    try:
        server = SandboxServer(DEFAULTS | given(arguments))
    except ConfigurationError as error:
        options.error(str(error))
    sandbox = Sandbox._at(server)
    file: Path | None = arguments.snapshot
    if file and file.exists():
        try:
            sandbox.restore(file.read_bytes())
        except (OSError, ValueError) as error:
            sandbox.stop()
            options.error(f"{file}: {error}")
    # Who reads the greeting may ask at once.
    asked = listen_for_signals()
    print(f"A Klaviyo sandbox listens on {sandbox.url} and takes the key {sandbox.api_key}")
    print("Ctrl-C stops it.", flush=True)
    asked.wait()
    if file:
        save(sandbox.snapshot(), file)
    sandbox.stop()


def parser() -> argparse.ArgumentParser:
    """An option for every setting, and one for the file."""
    parser = argparse.ArgumentParser(prog="python -m klaviyo_py.sandbox", description=__doc__)
    for setting in all_settings():
        flag, default = f"--{setting.flag}", DEFAULTS.get(setting.name, setting.default)
        if setting.switched is None:
            about = f"{setting.about} ({default})" if default else setting.about
            parser.add_argument(flag, dest=setting.name, metavar=setting.placeholder, help=about)
        else:
            about = f"{setting.about}: {setting.switched}"
            parser.add_argument(
                flag, dest=setting.name, action="store_const", const=setting.switched, help=about
            )
    parser.add_argument(
        "--snapshot",
        type=Path,
        metavar="FILE",
        help="what it holds: read at the start if the file is there, written at the end",
    )
    return parser


def given(arguments: argparse.Namespace) -> Chosen:
    """The settings that stand on the command line."""
    settings = {setting.name for setting in all_settings()}
    return {
        name: text
        for name, text in vars(arguments).items()
        if name in settings and text is not None
    }


def save(snapshot: bytes, file: Path) -> None:
    """Writes it beside the file first, so that the old one is there until the new one is whole."""
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(snapshot)
    beside.replace(file)


def listen_for_signals() -> Event:
    """Is set by SIGINT or SIGTERM from now on."""
    asked = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    return asked


if __name__ == "__main__":
    main()
