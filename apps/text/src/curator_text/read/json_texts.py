"""One text field of a block of JSON lines, as quickly as can be.

As `read_block` of the engine for one required field of text, and with the same result: a block that
is out of the ordinary is read by that.
"""

import numpy as np
import pyarrow as pa

from curator_engine.files.blocks import LongRow
from curator_engine.stages.jsonl import LineBlock, read_block

_MOST, _SHORTEST = (1 << 31) - 1, len('{"":""}\n')


def read_texts(data: bytes, field: str) -> LineBlock:
    """Read a text field that every line must have.

    Args:
        data: Whole lines.
        field: Name of the field.
    """
    block = None if isinstance(data, LongRow) else _ordinary(data, field)
    if block is not None:
        return block
    text = {field: pa.string()}
    return read_block(data, text, required=text)


def _ordinary(data: bytes, field: str) -> LineBlock | None:
    """The block, if every line is an object with a text in the field and ends with a line end."""
    from curator_text.kernels import json_kernels

    if not data.endswith(b"\n") or len(data) > _MOST:
        return None
    raw = np.frombuffer(data, np.uint8)
    # Room for the most lines that there can be; where nothing is written, no memory is taken.
    most = len(data) // _SHORTEST + 1
    ends, offsets = np.empty(most, np.int64), np.empty(most + 1, np.int32)
    out = np.empty(len(data), np.uint8)
    offsets[0] = 0
    lines = int(json_kernels.texts(raw, field.encode(), out, ends, offsets))
    if lines < 0:
        return None
    ends, offsets = ends[:lines].copy(), offsets[: lines + 1].copy()
    text = pa.py_buffer(out[: offsets[-1]])
    array = pa.StringArray.from_buffers(lines, pa.py_buffer(offsets), text)
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return None
    starts = np.concatenate((np.zeros(1, np.int64), ends[:-1]))
    return LineBlock(
        table=pa.table({field: array}),
        starts=starts,
        lengths=ends - starts,
        numbers=np.arange(lines),
        lines=lines,
    )
