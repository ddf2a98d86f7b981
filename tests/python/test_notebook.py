"""The example's notebook runs from its first cell to its last, and shows what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "examples" / "customers.ipynb"


def test_customers() -> None:
    notebook: Any = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    shown = [
        output["data"]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if "data" in output
    ]
    tables = [data["text/html"] for data in shown if "text/html" in data]
    assert any("invalid_email" in table and "missing_identifier" in table for table in tables)
    assert sum("image/png" in data for data in shown) == 1
