"""What it takes to build a crate that uses klaviyo-core, from nothing.

`python benches/builds.py [--results FOLDER] [NAME ...]`: with its default features and without, for
debugging and for release. What is downloaded is there already, and each build has an empty target
folder. Memory is that of the largest single process, which is a rustc. With a folder, the figures
are left there as `builds.json`. Takes some minutes for each build.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import results
from machine import machine

CORE = results.HERE.parent / "klaviyo-core"
MANIFEST = """
[package]
name = "user"
edition = "2024"

[workspace]

[dependencies]
klaviyo-core = {{ path = "{core}"{features} }}
"""
MAIN = """
fn main() {
    println!("{:?}", klaviyo_core::Client::from_env().map(|_| ()));
}
"""
FEATURES = {
    "default": "",
    "none (bulk operations only)": ", default-features = false",
    "journal, csv, compression, parquet": (
        ', default-features = false, features = ["journal", "csv", "compression", "parquet"]'
    ),
}
PROFILES = {"debug": [], "release": ["--release"]}


def build(features: str, profile: str) -> dict[str, Any]:
    """Builds a small program; what that took."""
    with tempfile.TemporaryDirectory(prefix="klaviyo-build-") as folder:
        user = Path(folder)
        (user / "src").mkdir()
        (user / "src" / "main.rs").write_text(MAIN, encoding="utf-8")
        manifest = MANIFEST.format(core=CORE, features=FEATURES[features])
        (user / "Cargo.toml").write_text(manifest, encoding="utf-8")
        # The versions of this repository.
        lock = (CORE.parent / "Cargo.lock").read_bytes()
        (user / "Cargo.lock").write_bytes(lock)
        cargo = ["cargo", "build", "--quiet", "--target-dir", str(user / "target")]
        subprocess.run(["cargo", "fetch", "--quiet"], cwd=user, check=True)
        begun = time.perf_counter()
        cost = _waited_for([*cargo, *PROFILES[profile]], user)
        wall = time.perf_counter() - begun
    return {"features": features, "profile": profile, "wall_seconds": wall, **cost}


def _waited_for(command: list[str], folder: Path) -> dict[str, float]:
    """Runs a command; what it and all that it started took."""
    process = subprocess.Popen(command, cwd=folder)
    # Of this process and those that it waited for alone.
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise subprocess.CalledProcessError(status, command)
    return {"cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


def main() -> None:
    """All builds, or those whose features begin like a name that is given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=", ".join(FEATURES))
    parser.add_argument("--results", type=Path)
    given = parser.parse_args()
    meant = [name for name in FEATURES if name.startswith(tuple(given.names or [""]))]
    built = [build(features, profile) for features in meant for profile in PROFILES]
    result = {"machine": machine(), "builds": built}
    print(results.builds_table(result))
    if given.results:
        results.keep(given.results, "builds", result)


if __name__ == "__main__":
    main()
