"""Hashes of texts: documents with the same one have the same text."""

import itertools

import numpy as np
import xxhash
from numpy.typing import NDArray

from curator_engine.task import ArrowArray
from curator_text.read.columns import utf8


def hash_texts(texts: ArrowArray) -> tuple[NDArray[np.uint64], int]:
    """The 128-bit XXH3 of each text, shape (documents, 2), and the bytes of all."""
    text, offsets = utf8(texts)
    view, ends = memoryview(text), offsets.tolist()
    spans = itertools.pairwise(ends)
    digests = b"".join(xxhash.xxh3_128_digest(view[start:end]) for start, end in spans)
    return np.frombuffer(digests, np.uint64).reshape(-1, 2), ends[-1] - ends[0]
