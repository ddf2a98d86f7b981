"""Reports as notebooks show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape


def page(title: str, outcomes: str, reasons: str, lines: Iterable[str]) -> str:
    """A title, tables side by side, and lines of text."""
    text = "".join(f"<div>{escape(line)}</div>" for line in lines)
    tables = f'<div style="display:flex;gap:2em;align-items:flex-start">{outcomes}{reasons}</div>'
    return f"<div><strong>{escape(title)}</strong>{tables}{text}</div>"


def table(name: str, rows: Mapping[str, int]) -> str:
    """How many for each word; nothing when there are none."""
    if not rows:
        return ""
    head = f"<tr><th>{escape(name)}</th><th>rows</th></tr>"
    body = "".join(
        f"<tr><td>{escape(word)}</td><td>{count:,}</td></tr>" for word, count in rows.items()
    )
    return f"<table><thead>{head}</thead><tbody>{body}</tbody></table>"
