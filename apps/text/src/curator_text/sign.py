"""Read documents and sign them: the first step of fuzzy deduplication.

Writes three files per block: `<task id>.npy` with the lower half of each signature row, shape
(documents with windows, hashes); `<task id>.keys.npy` with the keys of each band, shape (bands,
documents with windows); and
`<task id>.npz` with, per document, `position` (byte offset or row), `length` (bytes of its line),
`line` (in the block), `hash` (two halves of the text's 128-bit XXH3), `order` (for the keep policy),
per document with windows `long` (its index), and per unreadable line `bad` (position).
"""

import io
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

from curator_engine.errors import UnreadableFileError
from curator_engine.files.blocks import BrokenFileError, iter_blocks
from curator_engine.files.storage import join, list_names, open_atomic, remove, write_atomic
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.device import Device
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import LineBlock, read_block
from curator_engine.stages.jsonl_files import rejections
from curator_engine.stages.parquet import iter_row_groups, without_invalid_text
from curator_engine.task import ArrowArray, ArrowColumn, FileGroupTask, short_hash
from curator_text.json_texts import read_texts
from curator_text.keep import KeepPolicy
from curator_text.lsh import band_keys
from curator_text.minhash import Method, join_chunks, utf8
from curator_text.signer import sign_texts

BLOCK_BYTES = 8 << 20
"""Bytes of lines that are in memory at a time; the steps after this one rely on the same cuts."""
_SIGNED_AT_A_TIME = 1 << 13
"""Texts whose signatures are in memory in full, at about two kilobytes each."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The documents of one block as they were read."""

    texts: ArrowArray
    """No nulls."""
    order: NDArray[Any]
    """The keep policy's values; empty if it has none."""
    position: NDArray[np.int64]
    length: NDArray[np.int64]
    line: NDArray[np.int64]
    bad: NDArray[np.int64]
    offset: int
    size: int
    lines: int
    lacking: int
    no_text: int


@dataclass(kw_only=True)
class SignDocuments(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Sign the documents of a file or span, block by block."""

    path: str
    """Folder for the signatures."""
    text_field: str = "text"
    id_field: str | None = None
    keep: KeepPolicy = field(default_factory=KeepPolicy)
    method: Method = "fast"
    char_ngrams: int = 24
    num_bands: int = 20
    minhashes_per_band: int = 13
    seed: int = 42
    device: Device = "cpu"
    block_bytes: int = BLOCK_BYTES
    preload: ClassVar[tuple[str, ...]] = ("curator_text.preload",)

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block; what cannot be read is rejected."""
        path = task.data[0]
        read = self._read_rows if format_of(path) == "parquet" else self._read_lines
        given = 0
        try:
            for piece in read(path, task):
                yield self._sign(task, piece, given)
                given += 1
        except BrokenFileError as error:
            self.reject(Rejection(file=path, reason=error.reason, offset=error.offset))
        except UnreadableFileError as error:
            self.reject_file(path, error)

    @property
    def _signing(self) -> str:
        settings = [self.text_field, self.method, self.char_ngrams, self.seed, self.keep]
        return short_hash(repr([*settings, self.num_bands, self.minhashes_per_band]))

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the arrays of sources that are not done."""
        for name in list_names(self.path):
            stem = name.partition(".")[0]
            if join(self.path, f"{stem}.npz") not in committed:
                remove(join(self.path, name))

    def _read_lines(self, path: str, task: FileGroupTask) -> Iterator[Piece]:
        first = 1 if task.span is None or task.span[0] == 0 else None
        for offset, data in iter_blocks(path, span=task.span, block_bytes=self.block_bytes):
            block, order = self._parse(data)
            if block.lacking and not block.table.num_rows and block.lacking == len(block.bad):
                names = ", ".join(sorted(_first_object(data)))
                reason = f"no row has the field {self.text_field!r}; the first has {names}"
                self.reject(Rejection(file=path, reason=reason, offset=offset, rows=block.lacking))
            else:
                for rejection in rejections(path, offset, data, block, first_line=first):
                    self.reject(rejection)
            first = None if first is None else first + block.lines
            yield _piece(block, order, offset, data, self.text_field)

    def _parse(self, data: bytes) -> tuple[LineBlock, NDArray[Any]]:
        """The block, and the values of the keep field for each of its rows."""
        text = {self.text_field: pa.string()}
        field = self.keep.field
        if field is None:
            return self._texts(data), np.empty(0)
        for kind in (pa.float64(), pa.string()):
            block = read_block(data, {**text, field: kind}, required=text)
            if not any(repr(field) in bad.reason for bad in block.bad):
                return block, _order_values(block.table.column(field))
        # Values of both kinds, or of neither: the documents are good all the same.
        block = read_block(data, text, required=text)
        lines = zip(block.starts.tolist(), block.lengths.tolist(), strict=True)
        values = [json.loads(data[s : s + n]).get(field) for s, n in lines]
        numbers = [
            v if isinstance(v, int | float) and not isinstance(v, bool) else None for v in values
        ]
        return block, _order_values(pa.chunked_array([pa.array(numbers, pa.float64())]))

    def _texts(self, data: bytes) -> LineBlock:
        return read_texts(data, self.text_field)

    def _read_rows(self, path: str, task: FileGroupTask) -> Iterator[Piece]:
        limit = task.reader_config.get("max_rows")
        for row, table in iter_row_groups(path, self._columns, span=task.span, max_rows=limit):
            yield self._rows_piece(path, row, table)

    @property
    def _columns(self) -> list[str]:
        return [name for name in (self.text_field, self.keep.field, self.id_field) if name]

    def _rows_piece(self, path: str, row: int, table: pa.Table) -> Piece:
        count, name, field = table.num_rows, self.text_field, self.keep.field
        if name not in table.column_names or not _is_text(table.schema.field(name).type):
            reason = f"no text column {name!r}"
            self.reject(Rejection(file=path, reason=reason, offset=row, rows=count))
            return _no_documents(row, count)
        table, readable, bad = without_invalid_text(table, self._columns, path=path, row=row)
        for rejection in bad:
            self.reject(rejection)
        texts = table.column(name).cast(pa.large_string())
        has_text = texts.is_valid().to_numpy()
        rows = readable[has_text]
        strings = join_chunks(texts.drop_null())
        order = np.empty(0)
        if field:
            given = (
                table.column(field)
                if field in table.column_names
                else pa.nulls(table.num_rows, pa.float64())
            )
            order = _order_values(
                pa.chunked_array([given]) if isinstance(given, pa.Array) else given
            )[has_text]
        return Piece(
            texts=strings,
            order=order,
            position=rows + row,
            length=np.diff(utf8(strings)[1]),
            line=rows,
            bad=np.setdiff1d(np.arange(count), readable, assume_unique=True) + row,
            offset=row,
            size=count,
            lines=count,
            lacking=0,
            no_text=table.num_rows - len(rows),
        )

    def _sign(self, task: FileGroupTask, piece: Piece, position: int) -> FileGroupTask:
        stem = join(self.path, f"{task.task_id}_{position}")
        long = np.flatnonzero(_have_windows(piece.texts, self.char_ngrams))
        with_windows = piece.texts
        if len(long) < len(with_windows):
            with_windows = with_windows.take(pa.array(long, pa.int64()))
        signed, keys = self._signatures(with_windows)
        hashes, text_bytes = hash_texts(piece.texts)
        save_array(f"{stem}.npy", signed)
        save_array(f"{stem}.keys.npy", keys)
        _save_all(
            f"{stem}.npz",
            {
                "position": piece.position,
                "length": piece.length,
                "line": piece.line,
                "hash": hashes,
                "order": count_characters(piece.texts).astype(np.float64)
                if self.keep.kind == "longest"
                else piece.order,
                "long": long,
                "bad": piece.bad,
            },
        )
        facts = {
            "path": task.data[0],
            "name": task._metadata["name"],
            "file_index": task._metadata["file_index"],
            "offset": piece.offset,
            "size": piece.size,
            "documents": len(piece.texts),
            "lines": piece.lines,
            "bad": len(piece.bad),
            "lacking": piece.lacking,
            "no_text": piece.no_text,
            "short": len(piece.texts) - len(long),
            "text_bytes": text_bytes,
            "span": task.span,
            "max_rows": task.reader_config.get("max_rows"),
            "stamp": task.stamp,
            "signing": self._signing,
        }
        return FileGroupTask(data=[f"{stem}.npz"], _metadata={"block": facts})

    def _signatures(self, texts: ArrowArray) -> tuple[NDArray[np.uint16], NDArray[np.uint64]]:
        """Rows of signatures, and keys of bands, of texts with windows; a part of them at a time."""
        bands, rows = self.num_bands, self.minhashes_per_band
        signed = np.empty((len(texts), bands * rows), np.uint16)
        keys = np.empty((bands, len(texts)), np.uint64)
        for at in range(0, len(texts), _SIGNED_AT_A_TIME):
            part = slice(at, at + _SIGNED_AT_A_TIME)
            whole = sign_texts(
                texts.slice(at, _SIGNED_AT_A_TIME),
                char_ngrams=self.char_ngrams,
                num_hashes=bands * rows,
                seed=self.seed,
                method=self.method,
                device=self.device,
            )
            # Two rows that differ have the same lower half once in 65,536 times: enough for an estimate.
            signed[part] = whole.astype(np.uint16)
            keys[:, part] = band_keys(whole, num_bands=bands, minhashes_per_band=rows)
        return signed, keys


def _piece(block: LineBlock, order: NDArray[Any], offset: int, data: bytes, name: str) -> Piece:
    array = join_chunks(block.table.column(name))
    has_text = np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=bool)
    bad = np.array([bad.start + offset for bad in block.bad], dtype=np.int64)
    return Piece(
        texts=array.drop_null(),
        order=order[has_text] if len(order) else order,
        position=block.starts[has_text] + offset,
        length=block.lengths[has_text],
        line=block.numbers[has_text],
        bad=np.sort(bad),
        offset=offset,
        size=len(data),
        lines=block.lines,
        lacking=block.lacking,
        no_text=int(len(has_text) - has_text.sum()),
    )


def _no_documents(row: int, count: int) -> Piece:
    none = np.empty(0, np.int64)
    return Piece(
        texts=pa.array([], pa.string()),
        order=np.empty(0),
        position=none,
        length=none,
        line=none,
        bad=np.arange(row, row + count),
        offset=row,
        size=count,
        lines=count,
        lacking=count,
        no_text=0,
    )


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def _order_values(column: ArrowColumn) -> NDArray[Any]:
    """Values of the keep field: numbers with nan for null, or texts with "" for null."""
    if _is_text(column.type):
        return np.array([value or "" for value in column.to_pylist()], dtype=np.str_)
    if pa.types.is_temporal(column.type):
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _first_object(data: bytes) -> list[str]:
    for line in data.splitlines():
        try:
            return list(json.loads(line))
        except ValueError:
            continue
    return []


def count_characters(texts: ArrowArray) -> NDArray[np.int64]:
    """Characters of each text."""
    from curator_text import kernels

    text, offsets = utf8(texts)
    counts = np.empty(len(offsets) - 1, np.int64)
    kernels.count_characters(text, offsets, counts)
    return counts


def _have_windows(texts: ArrowArray, char_ngrams: int) -> NDArray[np.bool_]:
    """Whether each text has at least so many characters."""
    sizes = np.diff(utf8(texts)[1])
    have = sizes >= char_ngrams
    # A character has at most four bytes, so only the texts in between must be counted.
    unsure = np.flatnonzero(have & (sizes < 4 * char_ngrams))
    if len(unsure):
        have[unsure] = count_characters(texts.take(pa.array(unsure, pa.int64()))) >= char_ngrams
    return have


def hash_texts(texts: ArrowArray) -> tuple[NDArray[np.uint64], int]:
    """The 128-bit XXH3 of each text, shape (documents, 2), and the bytes of all."""
    text, offsets = utf8(texts)
    view, ends = memoryview(text), offsets.tolist()
    spans = itertools.pairwise(ends)
    digests = b"".join(xxhash.xxh3_128_digest(view[start:end]) for start, end in spans)
    return np.frombuffer(digests, np.uint64).reshape(-1, 2), ends[-1] - ends[0]


def save_array(path: str, array: NDArray[Any]) -> None:
    """Write one array, whole or not at all."""
    rows = np.ascontiguousarray(array)
    header = np.lib.format.header_data_from_array_1_0(rows)
    with open_atomic(path) as file:
        np.lib.format.write_array_header_1_0(file, header)
        file.write(rows.reshape(-1).view(np.uint8).data)


def _save_all(path: str, arrays: dict[str, Any]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomic(path, buffer.getbuffer())
