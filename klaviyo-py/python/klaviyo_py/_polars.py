"""Frames of polars, in a form that the native half can read.

Polars gives columns of nulls a buffer, which Arrow's format rules out (its issue 22934), and has
integers of 128 bits, which Arrow does not have.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_BEYOND_ARROW = ("Int128", "UInt128")


def readable(frame: Any) -> Any:
    """The same frame, with texts in place of what has no type: nulls all of them, either way.

    What is no frame is given back as it is. Raises TypeError for a column that Arrow has no type
    for.
    """
    polars: Any = import_module("polars")
    if not isinstance(frame, polars.DataFrame):
        return frame
    casts: dict[str, Any] = {}
    for name, dtype in frame.schema.items():
        if str(dtype) in _BEYOND_ARROW:
            raise TypeError(
                f"the column {name!r} is of {dtype}, which Arrow does not have; cast it to "
                "Int64 or String first"
            )
        if (typed := _typed(polars, dtype)) != dtype:
            casts[name] = typed
    return frame.cast(casts) if casts else frame


def _typed(polars: Any, dtype: Any) -> Any:
    """The type, with texts in place of nulls."""
    if dtype == polars.Null:
        return polars.String
    if dtype == polars.List:
        return polars.List(_typed(polars, dtype.inner))
    if dtype == polars.Array:
        return polars.Array(_typed(polars, dtype.inner), dtype.size)
    if dtype == polars.Struct:
        return polars.Struct({field.name: _typed(polars, field.dtype) for field in dtype.fields})
    return dtype
