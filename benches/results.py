"""Puts the latest figures into RESULTS.md: `python benches/results.py`.

Each benchmark leaves its figures in the folder `results`, and each has its place in RESULTS.md,
between `<!-- name -->` and `<!-- end -->`. What has no figures stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

Result = dict[str, Any]

HERE = Path(__file__).parent
FOLDER = HERE / "results"
PAGE = HERE / "RESULTS.md"


def keep(folder: Path, name: str, result: Result) -> None:
    """Leaves figures in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(_rounded(result), indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _rounded(value: Any) -> Any:
    """Four digits, more than any of these figures is good for."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return (
        {name: _rounded(one) for name, one in value.items()} if isinstance(value, dict) else value
    )


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of Markdown; all columns but the first hold figures."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join("| " + " | ".join(line) + " |" for line in [head, rule, *lines])


def about(result: Result) -> str:
    """Where and of what the figures were taken."""
    machine = result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    where = f"{machine['system']}, {machine['cpu']}, {machine['cores']} cores"
    return f"{where}; {machine['date']}, commit {machine['commit']}; {versions}."


def rows_table(result: Result) -> str:
    """What it costs to send rows."""
    head = ["who: rows from", "CPU s", "least to most", "to the floor", "rows/s", "peak MB"]
    lines = []
    for name, line in result["subjects"].items():
        making = line.get("making")
        cpu = f"{line['cpu']:.3f}"
        lines.append(
            [
                name,
                f"{cpu} (the making of the rows: {making:.3f})" if making else cpu,
                f"{line['cpu_least']:.3f} to {line['cpu_most']:.3f}",
                f"{line['to_floor']:.1f}",
                f"{1e6 / line['wall']:,.0f}",
                f"{line['peak_mb']:.0f}",
            ]
        )
    how = f"Medians of {result['rounds']} rounds of {result['rows']:,} rows."
    return f"{about(result)} {how}\n\n{table(head, lines)}"


def reading_table(result: Result) -> str:
    """What it costs to read a list."""
    head = ["", "rows", "CPU µs a row", "rows a CPU second", "rows/s"]
    lines = [
        [
            name,
            f"{line['rows']:,}",
            f"{line['cpu_seconds'] / line['rows'] * 1e6:.1f}",
            f"{line['rows'] / line['cpu_seconds']:,.0f}",
            f"{line['rows'] / line['wall_seconds']:,.0f}",
        ]
        for name, line in result["readers"].items()
    ]
    return f"{about(result)}\n\n{table(head, lines)}"


def cold_start_table(result: Result) -> str:
    """What it takes to begin."""
    head = ["", "CPU ms", "ms"]
    lines = [
        [name, f"{line['cpu_ms']:.0f}", f"{line['wall_ms']:.0f}"]
        for name, line in result["starts"].items()
    ]
    sizes = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in result["sizes"].items())
    return f"{about(result)}\n\n{table(head, lines)}\n\nSizes: {sizes}."


def builds_table(result: Result) -> str:
    """What it takes to build the crate."""
    head = ["features", "profile", "s", "CPU s", "peak MB of one process"]
    lines = [
        [
            line["features"],
            line["profile"],
            f"{line['wall_seconds']:.0f}",
            f"{line['cpu_seconds']:.0f}",
            f"{line['peak_mb']:.0f}",
        ]
        for line in result["builds"]
    ]
    return f"{about(result)}\n\n{table(head, lines)}"


TABLES: dict[str, Callable[[Result], str]] = {
    "rows": rows_table,
    "reading": reading_table,
    "cold_start": cold_start_table,
    "builds": builds_table,
}


def _sections() -> dict[str, str]:
    """What stands in the folder, as it is to stand in the page."""
    sections = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    for name, to_table in TABLES.items():
        path = FOLDER / f"{name}.json"
        if path.exists():
            sections[name] = to_table(json.loads(path.read_text(encoding="utf-8")))
    return sections


def main() -> None:
    """Writes the page anew."""
    page = PAGE.read_text(encoding="utf-8")
    for name, text in _sections().items():
        place = re.compile(rf"(<!-- {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)
        [old] = place.findall(page)
        page = page.replace("".join(old), f"{old[0]}\n{text.strip()}\n\n{old[-1]}")
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
