"""Where, when and of what figures were taken."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def machine(*packages: str) -> dict[str, Any]:
    """The machine, the commit, the day, and the versions of these packages of Python's."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "cores": len(os.sched_getaffinity(0)),
        "commit": _commit(),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "versions": {
            "Python": platform.python_version(),
            **{name: version(name) for name in packages},
        },
    }


def node() -> dict[str, str]:
    """The versions of Node and of what is compared there."""
    told = subprocess.run(["node", "--version"], check=True, stdout=subprocess.PIPE, text=True)
    package = json.loads((HERE / "peers" / "package.json").read_text(encoding="utf-8"))
    return {"Node": told.stdout.strip().removeprefix("v"), **_named(package["dependencies"])}


def _named(dependencies: dict[str, str]) -> dict[str, str]:
    return {f"{name} (npm)": version for name, version in dependencies.items()}


def _cpu() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.processor()


def _commit() -> str:
    """The commit, and whether anything but results has changed since."""
    others = [":!benches/results", ":!benches/RESULTS.md"]
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *others)
    commit = _git("rev-parse", "--short=10", "HEAD")
    return f"{commit}, changed" if changed else commit


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(HERE.parent), *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
