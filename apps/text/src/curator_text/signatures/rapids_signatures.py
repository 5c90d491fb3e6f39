"""`curator` signatures by cuDF itself, where pylibcudf is installed.

Written against pylibcudf 26.10; by its source it computes what `hash_kernels.py` does. It has not run
on a GPU yet: `curator_engine.rapids` says so.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine import rapids
from curator_text.read.columns import StringArray, join_chunks, utf8
from curator_text.signatures.minhash import permutations
from curator_text.signatures.minhash import signatures as cpu_signatures

_MOST_CELLS = (1 << 31) - 1
"""Numbers that a column of cuDF may have."""


def rapids_signatures(
    texts: StringArray,
    *,
    char_ngrams: int = 24,
    num_hashes: int = 260,
    seed: int = 42,
    batch_bytes: int = 256 << 20,
) -> NDArray[np.uint32]:
    """As `minhash.signatures` with the method `curator`.

    Windows of one character, which cuDF refuses, are the CPU's.

    Args:
        texts: No nulls.
        char_ngrams: Characters per window.
        num_hashes: Rows of a signature.
        seed: Of the hash functions.
        batch_bytes: Bytes of texts and signatures on the GPU at a time; one document may have more.

    Raises:
        ValueError: A text is null, or a parameter is below 1.
    """
    array = texts if isinstance(texts, pa.Array) else join_chunks(texts)
    _, offsets = utf8(array)
    if char_ngrams < 2 or num_hashes < 1:
        return cpu_signatures(
            array, char_ngrams=char_ngrams, num_hashes=num_hashes, seed=seed, method="curator"
        )
    column = rapids.load(rapids.Part.SIGNATURES, "pylibcudf").Column
    minhash = rapids.load(rapids.Part.SIGNATURES, "pylibcudf.nvtext.minhash").minhash
    a, b = permutations(seed, num_hashes)
    factors, summands = (column.from_arrow(pa.array(x)) for x in (a, b))
    out = np.empty((len(array), num_hashes), np.uint32)
    total = offsets + np.arange(len(offsets)) * 4 * num_hashes
    start = 0
    while start < len(array):
        end = int(np.searchsorted(total, total[start] + batch_bytes, side="right")) - 1
        end = min(max(end, start + 1), start + _MOST_CELLS // num_hashes)
        # cuDF has one type of string; the cast also leaves out the rows around the slice.
        part: Any = pa.concat_arrays([array[start:end].cast(pa.large_string())])
        lists = minhash(column.from_arrow(part), int(a[0]), factors, summands, char_ngrams)
        out[start:end] = lists.to_arrow().flatten().to_numpy().reshape(-1, num_hashes)
        start = end
    return out
