"""The sandbox as a program: prints its address and key, and serves until it is interrupted."""

from __future__ import annotations

import argparse
import signal
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue

from klaviyo_py._arguments import did_you_mean
from klaviyo_py._klaviyo import SandboxServer, __version__
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
        options.error(not_taken(unknown[0]))
    try:
        server = SandboxServer(DEFAULTS | given(arguments))
    except ConfigurationError as error:
        options.error(of_option(str(error)))
    except OSError as error:
        options.exit(1, f"{options.prog}: {error}\n")
    sandbox = Sandbox._at(server)
    file: Path | None = arguments.snapshot
    if file:
        try:
            if file.exists():
                sandbox.restore(file.read_bytes())
            # A file that cannot be written is told now, not when all is to be lost.
            save(sandbox, file)
        except (OSError, ValueError) as error:
            sandbox.stop()
            options.error(f"{file}: {error}")
    # Who reads the greeting may ask at once.
    asked = listen_for_signals()
    print(f"A Klaviyo sandbox listens on {sandbox.url} and takes the key {sandbox.api_key}")
    print("Ctrl-C stops it.", flush=True)
    asked.get()
    if file:
        try:
            save(sandbox, file)
        except OSError as error:
            options.exit(1, f"{options.prog}: {file}: {error}\n")
    sandbox.stop()


def parser() -> argparse.ArgumentParser:
    """An option for every setting, and one for the file."""
    parser = argparse.ArgumentParser(
        prog="python -m klaviyo_py.sandbox",
        usage="%(prog)s [OPTIONS]",
        description="A Klaviyo on this machine, for tests and demos. It prints its address and the "
        "key to use, and serves until it is interrupted. Times are in seconds.",
    )
    parser.add_argument("--version", action="version", version=f"klaviyo_py {__version__}")
    for heading, settings in groupby(all_settings(), key=lambda setting: setting.heading):
        group = parser.add_argument_group(heading)
        for setting in settings:
            add_option(group, setting)
    parser.add_argument_group("What it holds").add_argument(
        "--snapshot",
        type=Path,
        metavar="FILE",
        help="a file that it is read from at the start, if it is there, and written to then and at "
        "the end",
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


def not_taken(word: str) -> str:
    """What is wrong with a word of the command line that is no option."""
    if not word.startswith("-"):
        return f"nothing is taken but options and their values, and {word!r} is neither"
    name = word.partition("=")[0]
    for setting in all_settings():
        if setting.switched == "false" and name == f"--{setting.name.replace('_', '-')}":
            return f"there is no option {name}: it is on unless you say --{setting.flag}"
    flags = [f"--{setting.flag}" for setting in all_settings()] + ["--snapshot", "--version"]
    return f"there is no option {name}{did_you_mean(name, flags)}"


def of_option(error: str) -> str:
    """What is wrong with a setting, under the name of its option."""
    name, space, rest = error.partition(" ")
    flags = {setting.name: f"--{setting.flag}" for setting in all_settings()}
    return flags.get(name, name) + space + rest


def given(arguments: argparse.Namespace) -> Chosen:
    """The settings that stand on the command line."""
    settings = {setting.name for setting in all_settings()}
    return {
        name: text
        for name, text in vars(arguments).items()
        if name in settings and text is not None
    }


def save(sandbox: Sandbox, file: Path) -> None:
    """Writes what the sandbox holds beside the file first, so that the old one is there until the
    new one is whole."""
    beside = file.with_name(f"{file.name}.new")
    beside.write_bytes(sandbox.snapshot())
    beside.replace(file)


def listen_for_signals() -> SimpleQueue[int]:
    """Has the number of each SIGINT and SIGTERM from now on.

    A queue, because a handler may put into it whatever the thread that it interrupts is doing: one
    that sets an Event hangs if that thread is about to wait for it.
    """
    asked: SimpleQueue[int] = SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.put(number))
    return asked


if __name__ == "__main__":
    main()
