"""Draws results/rows.json as results/rows.svg: `python benches/plot.py`. Needs matplotlib."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from results import FOLDER
from subjects import FLOOR, OURS, PLUMBING, TEN_TIMES

# Not there when types are checked.
matplotlib: Any = import_module("matplotlib")

# Each can be read on white and on black.
TEXT = "#808080"
COLOURS = {"ours": "#2f81f7", "the floor and plumbing": "#9a9a9a", "peers": "#d9822b"}


def kind(subject: str) -> str:
    """What a subject is, for its colour."""
    if subject in OURS:
        return "ours"
    return "the floor and plumbing" if subject == FLOOR or subject in PLUMBING else "peers"


def main() -> None:
    """CPU seconds for a million rows, a bar for each subject, the cheapest on top."""
    matplotlib.use("svg")
    # Text stays text, and the same figures give the same file.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "klaviyo-py"})
    pyplot: Any = import_module("matplotlib.pyplot")
    result = json.loads((FOLDER / "rows.json").read_text(encoding="utf-8"))
    # What the sending costs: a generator's rows cost the same whoever sends them.
    cpu = {
        name: line["cpu"] - line.get("making", 0.0)
        for name, line in result["subjects"].items()
        if name != TEN_TIMES
    }
    names = sorted(cpu, key=cpu.__getitem__)

    figure, axes = pyplot.subplots(figsize=(8, 0.34 * len(names) + 1.2), layout="constrained")
    seen: set[str] = set()
    for place, name in enumerate(names):
        label = kind(name) if kind(name) not in seen else None
        seen.add(kind(name))
        axes.barh(place, cpu[name], color=COLOURS[kind(name)], label=label)
        axes.text(cpu[name] * 1.05, place, f"{cpu[name]:.3g}", va="center", color=TEXT, size=9)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(0.5 * min(cpu.values()), 2.2 * max(cpu.values()))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("CPU seconds for a million profiles (log scale)", color=TEXT)
    axes.tick_params(which="both", colors=TEXT)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(TEXT)
    axes.legend(frameon=False, labelcolor=TEXT, loc="upper right")
    figure.savefig(FOLDER / "rows.svg", transparent=True, metadata={"Date": None})


if __name__ == "__main__":
    main()
