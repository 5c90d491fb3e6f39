"""MinHash signatures of texts: rows of two signatures agree with a probability of the texts' similarity.

Method `fast`: one 64-bit hash of every window of `char_ngrams` characters, then fast similarity
sketching: each window is looked at once, whatever the number of rows. Method `curator`:
MurmurHash3_x86_32 of every window, then for each of the hash functions the minimum of (a * h + b)
mod 2^32, as cuDF computes them for NeMo Curator; checked against an independent murmur library, not yet
against cuDF's own output. What is done with signatures is `lsh.py`'s.
"""

import hashlib
import itertools
import os
import tempfile
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from platformdirs import user_cache_path

type Method = Literal["fast", "curator"]
type StringArray = pa.Array[Any] | pa.ChunkedArray[Any]

# Read-only, as what Arrow gives: numba compiles a kernel once more for a writable array.
_NO_TEXT = np.frombuffer(b"", np.uint8)
KERNEL_FILES = (
    "fingerprint_kernels.py",
    "json_kernels.py",
    "kernels.py",
    "pair_kernels.py",
    "set_kernels.py",
    "window_kernels.py",
)
SLICE = 8 << 20
"""Bytes of text that one call of a kernel looks at: a tenth of a second."""
_MERSENNE_31, _MASK_64 = (1 << 31) - 1, (1 << 64) - 1


@cache
def cache_folder() -> Path | None:
    """Where compiled kernels are kept, apart for each numba and each source: the user's cache.

    A folder of the user's among the temporary ones where that cannot be written, as in many
    containers; None if neither can.
    """
    here = Path(__file__).parent
    source = b"".join((here / name).read_bytes() for name in KERNEL_FILES)
    mark = hashlib.blake2b(source, digest_size=6).hexdigest()
    name = f"kernels-{mark}-numba-{version('numba')}"
    temporary = Path(tempfile.gettempdir()) / f"curator-{os.getuid()}"
    for root in (user_cache_path("curator"), temporary):
        if _can_be_written(root / name) and (root != temporary or _is_ours(root)):
            return root / name
    return None


def _can_be_written(folder: Path) -> bool:
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _is_ours(folder: Path) -> bool:
    """Whether nobody else can put code into a folder that others may have made."""
    stat = folder.lstat()
    return stat.st_uid == os.getuid() and not folder.is_symlink() and not stat.st_mode & 0o022


def kernels_are_cached() -> bool:
    """Whether kernels were compiled before, so that they load in well under a second."""
    folder = cache_folder()
    return folder is not None and any(folder.rglob("*.nbi"))


@cache
def permutations(seed: int, count: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """The factors a, in [1, 2^31 - 1), and summands b, in [0, 2^31 - 1), of `count` hash functions.

    Drawn in turn, a then b, from `RandomState(seed)`, as NeMo Curator's GPU stage does.
    """
    draw = np.random.RandomState(seed)
    pairs = [
        (
            draw.randint(1, _MERSENNE_31, dtype=np.uint32),
            draw.randint(0, _MERSENNE_31, dtype=np.uint32),
        )
        for _ in range(count)
    ]
    table = np.array(pairs, dtype=np.uint32).reshape(count, 2)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def signatures(
    texts: StringArray,
    *,
    char_ngrams: int = 24,
    num_hashes: int = 260,
    seed: int = 42,
    method: Method = "fast",
) -> NDArray[np.uint32]:
    """MinHash signatures, shape (documents, num_hashes).

    A text shorter than a window is one window; an empty text gets zeros. Of `curator`: the seed of
    the murmur hash is the first factor, and a hash of 0 counts as 1. Memory: 4 bytes x num_hashes per
    document, and 16 bytes per byte of the longest text.

    Raises:
        ValueError: A text is null, or a parameter is below 1.
    """
    from curator_text import kernels, window_kernels

    if char_ngrams < 1 or num_hashes < 1:
        raise ValueError(
            f"char_ngrams={char_ngrams} and num_hashes={num_hashes} must be at least 1."
        )
    text, offsets = utf8(texts)
    out = np.empty((len(offsets) - 1, num_hashes), dtype=np.uint32)
    # A text of few windows takes up to two looks at each of them per bin.
    work = np.diff(offsets) + 2 * num_hashes * np.minimum(np.diff(offsets), num_hashes) // 64
    for start, end in slices(work):
        some, rows = offsets[start : end + 1], out[start:end]
        if method == "fast":
            window_kernels.sketch(text, some, char_ngrams, hash_key(seed), rows)
        else:
            kernels.sign(text, some, char_ngrams, *permutations(seed, num_hashes), rows)
    return out


def slices(work: NDArray[np.int64], most: int = SLICE) -> list[tuple[int, int]]:
    """Cut documents into runs for one call of a kernel each: nobody can stop a kernel while it runs.

    Args:
        work: Of each document, about in bytes that are looked at once.
        most: Work of a run, about; a larger document ends its run.
    """
    pieces = np.cumsum(work) // most
    cuts = (np.flatnonzero(np.diff(pieces)) + 1).tolist()
    edges = [0, *cuts, len(work)] if len(work) else []
    return list(itertools.pairwise(edges))


def hash_key(seed: int) -> np.uint64:
    """What makes the window hashes of one seed differ from another's."""
    return np.uint64(seed * 0x9E3779B97F4A7C15 & _MASK_64)


def join_chunks(texts: "pa.ChunkedArray[Any]") -> "pa.Array[Any]":
    """The texts as one array; no copy for one chunk."""
    if texts.num_chunks == 1:
        only: Any = texts.chunk(0)
        return only
    # 64-bit offsets: together the chunks may be more than 2 GiB.
    chunks: Any = texts.cast(pa.large_string()).chunks
    return pa.concat_arrays([pa.array([], pa.large_string()), *chunks])


def utf8(texts: StringArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The UTF-8 bytes of the texts, and int64 offsets into them, shape (documents + 1,).

    No copy for one chunk; offsets of a slice start where the slice does.

    Raises:
        ValueError: A text is null.
    """
    array = texts if isinstance(texts, pa.Array) else join_chunks(texts)
    if array.null_count:
        raise ValueError(f"{array.null_count} texts are null; drop them first.")
    if len(array) == 0:
        return _NO_TEXT, np.zeros(1, np.int64)
    kind = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, ends, data = array.buffers()
    offsets = np.frombuffer(memoryview(ends or b""), kind)[
        array.offset : array.offset + len(array) + 1
    ]
    text = _NO_TEXT if data is None else np.frombuffer(memoryview(data).toreadonly(), np.uint8)
    return text, offsets.astype(np.int64)
