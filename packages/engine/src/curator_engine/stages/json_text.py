"""Arrow values as JSON text, each by the type of its column; docs/formats.md has the table.

Numbers keep their digits, and what JSON has no form for becomes text: dates as ISO 8601, bytes as
base64. Not-a-number and infinity, which JSON lacks, become null.
"""

import base64
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa

from curator_engine.errors import InputError
from curator_engine.task import ArrowColumn


class JsonText(str):
    """A value that is JSON already."""

    __slots__ = ()


def dump(value: Any) -> str:
    """The JSON text of a Python value; null for not-a-number and infinity."""
    if isinstance(value, JsonText):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:
        return json.dumps(_without_nan(value), ensure_ascii=False, allow_nan=False)


def json_rows(table: pa.Table) -> Iterator[bytes]:
    """Each row as a line of JSON.

    Raises:
        InputError: A column is there twice, which a JSON object cannot hold.
    """
    names = table.column_names
    for name in names:
        if names.count(name) > 1:
            raise InputError(
                f"column {name!r} is there {names.count(name)} times, and a JSON object holds a field "
                "once; rename the columns or choose others with fields=."
            )
    if all(_is_plain(kind) for kind in table.schema.types):
        for batch in table.to_batches(max_chunksize=4096):
            for row in batch.to_pylist():
                yield dump(row).encode() + b"\n"
        return
    keys = [dump(name) for name in names]
    columns = [json_texts(table.column(i)) for i in range(len(names))]
    for k in range(table.num_rows):
        pairs = (f"{key}: {column[k]}" for key, column in zip(keys, columns, strict=True))
        yield f"{{{', '.join(pairs)}}}\n".encode()


def json_texts(column: ArrowColumn) -> list[JsonText]:
    """The JSON text of each value of a column; `null` for a null."""
    if _is_plain(column.type):
        return [JsonText(dump(value)) for value in column.to_pylist()]
    return [JsonText(_scalar_text(scalar)) for scalar in column]


def _is_plain(kind: pa.DataType) -> bool:
    """Whether Python's values of this type are JSON's."""
    t = pa.types
    if t.is_struct(kind):
        names = [f.name for f in kind.fields]
        return len(set(names)) == len(names) and all(_is_plain(f.type) for f in kind.fields)
    if t.is_list(kind) or t.is_large_list(kind):
        return _is_plain(kind.value_type)
    plain = (t.is_null, t.is_boolean, t.is_integer, t.is_string, t.is_large_string)
    return any(test(kind) for test in plain) or t.is_float32(kind) or t.is_float64(kind)


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in value]
    return value


def _scalar_text(scalar: Any) -> str:
    if not scalar.is_valid:
        return "null"
    kind, t = scalar.type, pa.types
    if t.is_map(kind):
        pairs = zip(scalar.values.field(0), scalar.values.field(1), strict=True)
        return f"{{{', '.join(f'{_key(key)}: {_scalar_text(each)}' for key, each in pairs)}}}"
    if t.is_struct(kind):
        pairs = ((name, scalar[i]) for i, name in enumerate(kind.names))
        return f"{{{', '.join(f'{dump(name)}: {_scalar_text(each)}' for name, each in pairs)}}}"
    if t.is_nested(kind) and not t.is_union(kind):
        return f"[{', '.join(map(_scalar_text, scalar.values))}]"
    if t.is_dictionary(kind) or t.is_union(kind):
        return _scalar_text(scalar.value)
    if t.is_temporal(kind):
        return _time_text(scalar)
    return _leaf_text(scalar.as_py())


def _leaf_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return f'"{base64.b64encode(value).decode("ascii")}"'
    if isinstance(value, str | int | float):
        return dump(value)
    if hasattr(value, "item"):
        return dump(value.item())
    return dump(str(value))


def _key(scalar: Any) -> str:
    text = _scalar_text(scalar)
    return text if text.startswith('"') else dump(text)


def _time_text(scalar: Any) -> str:
    """Dates and times as ISO 8601 with all digits of their unit; durations as the number of units."""
    kind, t = scalar.type, pa.types
    if t.is_duration(kind):
        return str(scalar.value)
    if t.is_interval(kind):
        return dump(list(scalar.as_py()))
    # Arrow's own text has every digit, where Python's classes end at microseconds and the year 9999.
    naive = pa.scalar(scalar.value, pa.timestamp(kind.unit)) if t.is_timestamp(kind) else scalar
    text = naive.cast(pa.string()).as_py()
    if text.startswith("<"):
        return str(scalar.value)  # beyond any calendar
    if t.is_timestamp(kind):
        text = text.replace(" ", "T") + ("Z" if kind.tz else "")
    return dump(text)
