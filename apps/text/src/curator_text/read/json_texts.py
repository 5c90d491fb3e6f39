"""One text field of a block of JSON lines, as quickly as can be.

As `read_block` of the engine for one required field of text, and with the same result: a block that
is out of the ordinary is read by that.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.blocks import LongRow
from curator_engine.stages.jsonl import LineBlock, read_block
from curator_engine.task import ArrowArray
from curator_text.read.text_parts import with_parts

_EVERY = np.empty(0, np.int64)
_MOST, _SHORTEST = (1 << 31) - 1, len('{"":""}\n')


def read_texts(data: bytes, field: str, *, derives: bool = True) -> LineBlock:
    """Read a text field that every line must have.

    Args:
        data: Whole lines.
        field: Name of the field.
        derives: Whether it may name other fields, as in `text_parts.py`.
    """
    block = None if isinstance(data, LongRow) else _ordinary(data, field)
    if block is not None:
        return block
    text = {field: pa.string()}
    block = read_block(data, text, required=text)
    return with_parts(data, block, field) if block.bad and derives else block


def _ordinary(data: bytes, field: str) -> LineBlock | None:
    """The block, if every line is an object with a text in the field and ends with a line end."""
    from curator_text.kernels import json_kernels

    if not data.endswith(b"\n") or len(data) > _MOST:
        return None
    raw = np.frombuffer(data, np.uint8)
    # Room for the most lines that there can be; where nothing is written, no memory is taken.
    most = len(data) // _SHORTEST + 1
    ends, offsets = np.empty(most, np.int64), np.empty(most + 1, np.int64)
    out = np.empty(len(data) + int(json_kernels.BLOCK), np.uint8)
    offsets[0] = 0
    lines = int(json_kernels.texts(raw, field.encode(), _EVERY, out, 0, ends, offsets))
    if lines < 0:
        return None
    ends, offsets = ends[:lines].copy(), offsets[: lines + 1].astype(np.int32)
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


def texts_at(
    pieces: Iterable[tuple[memoryview, NDArray[np.int64], NDArray[np.int64]]],
    field: str,
    *,
    lines: int,
    size: int,
) -> ArrowArray | None:
    """The texts of chosen lines, all in one piece of memory; None if a line is out of the ordinary.

    Args:
        pieces: Bytes, and where the lines in them begin and end; a piece ends where its last line does.
        field: Name of the field.
        lines: Lines of all pieces.
        size: Bytes of them.
    """
    from curator_text.kernels import json_kernels

    out = np.empty(size + int(json_kernels.BLOCK), np.uint8)
    offsets, done = np.zeros(lines + 1, np.int64), 0
    for data, starts, ends in pieces:
        raw, found, to = np.frombuffer(data, np.uint8), np.empty_like(ends), int(offsets[done])
        # The kernel stops at line ends only: one that is not where it was, in a file that has changed since,
        # would let it write behind `out`.
        if (raw[ends - 1] != ord("\n")).any():
            return None
        into = offsets[done:]
        done += int(json_kernels.texts(raw, field.encode(), starts, out, to, found, into))
        if not np.array_equal(found, ends):
            return None
    array = pa.LargeStringArray.from_buffers(lines, pa.py_buffer(offsets), pa.py_buffer(out))
    try:
        array.validate(full=True)
    except pa.ArrowInvalid:
        return None
    return array if done == lines else None
