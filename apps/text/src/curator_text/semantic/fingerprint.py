"""Fingerprints: embeddings that need no model. They see wording, not meaning.

The set of a text's windows of five characters (lower case) is hashed into a few hundred numbers
with signs, so that the cosine of two fingerprints is about that of the two sets.
"""

from typing import Any

import numpy as np
import pyarrow.compute as pc

from curator_engine.task import ArrowArray
from curator_engine.vectors.matrix import Matrix, unit_rows
from curator_text.read.columns import utf8
from curator_text.signatures.minhash import slices

DIMS, CHAR_NGRAMS = 512, 5


def fingerprints(texts: ArrowArray, *, dims: int = DIMS) -> Matrix:
    """A vector of length one per text, shape (texts, dims); equal texts get equal vectors.

    Args:
        texts: No nulls. An empty text has a vector too.
        dims: Numbers per vector.
    """
    from curator_text.kernels import fingerprint_kernels

    lower: Any = pc.call_function("utf8_lower", [texts])
    text, offsets = utf8(lower)
    summed = np.zeros((len(texts), dims))
    for start, end in slices(4 * np.diff(offsets)):
        some = offsets[start : end + 1]
        fingerprint_kernels.add_windows(text, some, CHAR_NGRAMS, summed[start:end])
    # Windows that cancel out, which takes a text of very few, leave no direction.
    summed[~summed.any(axis=1), 0] = 1.0
    return unit_rows(summed)
