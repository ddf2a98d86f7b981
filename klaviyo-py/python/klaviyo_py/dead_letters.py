"""Rows that did not get through, read back from the file in which a report left them."""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from typing import Any, TextIO


def dead_letters(path: str | PathLike[str]) -> Iterator[Any]:
    """Read the rows of a file that `Report.save_dead_letters` wrote, to send them again.

    They go to the method that they came from, as they are or mended. (As they are, or mended in the
    file, its path will do in place of rows, when it ends in .ndjson or .jsonl.) A value without a
    JSON form (NaN, say) is not in the file as it was: an object `{"$unsendable": "why"}` stands in
    its place, and a row with one is rejected again until it is mended. So it is with a cell of CSV
    that was not of its type, with its text under `"$unsendable_text"`. So it is with rows as a
    whole: where a line of a file was no row, the object has its text, `"$unsendable_line"`; and
    where the row was lost (a resumed run did not come to it), it is to be taken from the source.
    Each line of the file gives something, then, and nothing is passed over in silence. Rows that
    were `unknown` are among them, and may have been applied: look first, where a repeat would do
    harm.

    >>> report = client.bulk.import_profiles([{"email": "ada@shop", "first_name": "Ada"}])
    >>> report.save_dead_letters(folder / "letters.ndjson")
    1
    >>> rows = klaviyo_py.dead_letters(folder / "letters.ndjson")
    >>> client.bulk.import_profiles({**row, "email": "ada@shop.example"} for row in rows).completed
    1
    """
    from pathlib import Path

    # Opened at once, so that a file that is not there is told here.
    return _items(Path(path).open(encoding="utf-8"))


def _items(file: TextIO) -> Iterator[Any]:
    import json

    with file:
        for number, line in enumerate(file, start=1):
            # Whoever mended the file by hand may have left an empty line.
            if line.strip():
                try:
                    yield _item(json.loads(line))
                except (ValueError, TypeError, KeyError) as error:
                    message = f"line {number} of {file.name} is no dead letter: {error!r}"
                    raise ValueError(message) from error


def _item(letter: dict[str, Any]) -> Any:
    """The row of a letter, or what stands for one that is not there."""
    item = letter["item"]
    if item is not None:
        return item
    why = (
        f"row {letter['row']} is not in its dead letter ({letter['code']}); take it from the source"
    )
    return {"$unsendable": why}
