"""Rows that pyarrow holds, in a form that the native half can read.

pyarrow hands slices over as they are: an offset, and the whole arrays behind it. Of a struct in a
struct the native half's reader (arrow-rs 59) applies such an offset twice, and gives up. So these
are copied, and nothing else is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def readable(rows: Any) -> Any:
    """What gives the same rows: the same object, unless it has structs in structs.

    `rows` are of pyarrow, or of pandas, which gives its rows by way of pyarrow.
    """
    import pyarrow as pa

    schema = getattr(rows, "schema", None)
    if isinstance(schema, pa.Schema):
        if not any(_is_deep(field.type) for field in schema):
            return rows
        reader = pa.RecordBatchReader.from_stream(rows)
    else:
        # Of a frame it is known only once it has been converted.
        reader = pa.RecordBatchReader.from_stream(rows)
        if not any(_is_deep(field.type) for field in reader.schema):
            return reader
    return pa.RecordBatchReader.from_batches(reader.schema, _copied(reader))


def _is_deep(kind: Any) -> bool:
    """Whether it is, or holds, a struct in a struct."""
    import pyarrow as pa

    inner = [kind.field(index) for index in range(kind.num_fields)]
    if pa.types.is_struct(kind) and any(pa.types.is_struct(field.type) for field in inner):
        return True
    return any(_is_deep(field.type) for field in inner)


def _copied(batches: Any) -> Iterator[Any]:
    import pyarrow as pa

    for batch in batches:
        # To put arrays together makes a new one, which begins at its beginning.
        columns = [
            pa.concat_arrays([column, column.slice(0, 0)]) if _is_deep(column.type) else column
            for column in batch.columns
        ]
        yield pa.record_batch(columns, schema=batch.schema)
