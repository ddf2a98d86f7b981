"""The sandbox as a program: prints its address and key, and serves until it is interrupted."""

from __future__ import annotations

import argparse
import signal
from itertools import groupby
from pathlib import Path
from threading import Event

from klaviyo_py._arguments import did_you_mean
from klaviyo_py._klaviyo import SandboxServer
from klaviyo_py.exceptions import ConfigurationError
from klaviyo_py.sandbox import Sandbox
from klaviyo_py.sandbox._settings import Chosen, Setting, all_settings

DEFAULTS = {"port": "8080"}
"""An address to remember."""


def main() -> None:
    """Serves until Ctrl-C or SIGTERM."""
    options = parser()
    arguments, unknown = options.parse_known_args()
    if unknown:
        flags = [f"--{setting.flag}" for setting in all_settings()] + ["--snapshot"]
        options.error(f"there is no option {unknown[0]}{did_you_mean(unknown[0], flags)}")
    try:
        server = SandboxServer(DEFAULTS | given(arguments))
    except ConfigurationError as error:
        options.error(str(error))
    except OSError as error:
        options.exit(1, f"{options.prog}: {error}\n")
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
    parser = argparse.ArgumentParser(
        prog="python -m klaviyo_py.sandbox",
        usage="%(prog)s [OPTIONS]",
        description="A Klaviyo on this machine, for tests and demos. It prints its address and the "
        "key to use, and serves until it is interrupted. Times are in seconds.",
    )
    for heading, settings in groupby(all_settings(), key=lambda setting: setting.heading):
        group = parser.add_argument_group(heading)
        for setting in settings:
            add_option(group, setting)
    parser.add_argument_group("What it holds").add_argument(
        "--snapshot",
        type=Path,
        metavar="FILE",
        help="a file that it is read from at the start, if it is there, and written to at the end",
    )
    return parser


def add_option(group: argparse._ArgumentGroup, setting: Setting) -> None:
    """An option for a setting."""
    flag, default = f"--{setting.flag}", DEFAULTS.get(setting.name, setting.default)
    if setting.switched is not None:
        group.add_argument(
            flag,
            dest=setting.name,
            action="store_const",
            const=setting.switched,
            help=setting.about,
        )
        return
    about = f"{setting.about} [default: {default}]" if default else setting.about
    group.add_argument(flag, dest=setting.name, metavar=setting.placeholder, help=about)


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
