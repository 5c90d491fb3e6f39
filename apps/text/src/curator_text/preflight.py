"""Look before running: is the text field there, how long will it take, how much disk."""

import itertools
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from curator_engine.blocks import BrokenFileError, iter_blocks
from curator_engine.errors import InputError, StorageError
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.stages.parquet import iter_row_groups, schema_of, without_invalid_text
from curator_engine.storage import FileInfo
from curator_engine.task import ArrowArray
from curator_text.minhash import join_chunks, kernels_are_cached, signatures

_SAMPLE_BYTES = 1 << 20
_SAMPLE_FILES = 5


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run is expected to take, from a sample of the input."""

    files: int
    input_bytes: int
    """As they lie on disk."""
    documents: int
    seconds: float
    memory_bytes: int
    disk_bytes: int
    """In the cache and the output, while the run lasts."""


def check_text_field(files: Sequence[FileInfo], text_field: str, *, option: str = "text") -> None:
    """Make sure that the beginning of at least one file has the text field, or that of another option.

    Raises:
        InputError: No file has it; the message names the fields that there are.
    """
    seen: dict[str, None] = {}
    readable = False
    for file in files:
        names = _field_names(file.path)
        readable |= bool(names)
        if text_field in names:
            return
        seen.update(dict.fromkeys(names))
    if readable:
        raise InputError(
            f"the {option} field {text_field!r} is in none of the {len(files)} files; "
            f"the fields are {', '.join(seen)}. Use --{option}-field."
        )


def _field_names(path: str) -> list[str]:
    """The fields of a Parquet file, or of the first lines of a file of JSON lines; [] if unreadable."""
    try:
        if format_of(path) == "parquet":
            return schema_of(path).names
        names: dict[str, None] = {}
        for _, data in itertools.islice(iter_blocks(path, block_bytes=1 << 16), 1):
            for line in data.splitlines()[:100]:
                names.update(dict.fromkeys(_keys(line)))
        return list(names)
    except (BrokenFileError, StorageError):
        return []


def _keys(line: bytes) -> list[str]:
    try:
        row = json.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return []
    return list(row) if isinstance(row, dict) else []


def kernel_notice() -> str | None:
    """A line to say if the kernels have to be compiled first."""
    return None if kernels_are_cached() else "compiling kernels, only this once: about 10 s"


def estimate(
    files: Sequence[FileInfo],
    *,
    text_field: str,
    num_bands: int,
    num_hashes: int,
    workers: int,
    indexed: int = 0,
) -> Estimate:
    """Sign the beginning of a few files and go on from there; loading the kernels does not count.

    Args:
        files: The input.
        text_field: Its field.
        num_bands: Bands of the signatures.
        num_hashes: Rows of a signature.
        workers: Processes.
        indexed: Documents of the index that the input is compared with.
    """
    signatures(pa.array(["a"]), num_hashes=num_hashes)
    read = documents = 0
    seconds = 0.0
    for file in files[:: max(1, len(files) // _SAMPLE_FILES)]:
        start = time.perf_counter()
        texts, size = sample_texts(file.path, text_field)
        if len(texts):
            signatures(texts, num_hashes=num_hashes)
            seconds += time.perf_counter() - start
        read += size
        documents += len(texts)
    total = sum(file.size for file in files)
    scale = total / read if read else 0.0
    count = int(documents * scale)
    per_document = 2 * num_hashes + 12 * num_bands + 60
    return Estimate(
        files=len(files),
        input_bytes=total,
        documents=count,
        # Reading the members again, verifying and copying take about as long as signing.
        seconds=2 * seconds * scale / max(1, workers) + 2,
        memory_bytes=workers * (400 << 20) + 60 * (count + indexed),
        disk_bytes=count * per_document + 2 * total,
    )


def sample_texts(path: str, text_field: str) -> tuple[ArrowArray, int]:
    """Texts from the beginning of a file, and about how many of its bytes they are."""
    none = pa.array([], pa.string())
    try:
        if format_of(path) == "parquet":
            for _, table in iter_row_groups(path, [text_field]):
                if text_field in table.column_names:
                    valid, _, _ = without_invalid_text(table, [text_field], path=path, row=0)
                    return join_chunks(valid.column(text_field).drop_null()), table.nbytes
            return none, 0
        for _, data in iter_blocks(path, block_bytes=_SAMPLE_BYTES):
            texts = read_block(data, {text_field: pa.string()}).table.column(text_field)
            return join_chunks(texts.drop_null()), len(data)
    except StorageError:
        return none, 0
    return none, 0
