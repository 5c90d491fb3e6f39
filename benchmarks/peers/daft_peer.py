"""Daft's MinHash of word 5-grams, 20 x 13; buckets and components by numpy, which is faster than its own recipe."""

from pathlib import Path

import daft
import numpy as np
from common import arguments, read, write
from daft import col

BANDS, ROWS = 20, 13

source, out = arguments()
frame = daft.read_json([str(path) for path in sorted(Path(source).iterdir())])
clean = col("text").normalize(remove_punct=True, lowercase=True, nfd_unicode=True, white_space=True)
table = frame.select(
    col("id"),
    clean.minhash(num_hashes=BANDS * ROWS, ngram_size=5, seed=42, hash_function="xxhash").alias(
        "m"
    ),
).to_arrow()
signed = np.asarray(table.column("m").combine_chunks().flatten()).reshape(-1, BANDS * ROWS)
parent = np.arange(len(signed))


def root(i: int) -> int:
    """The first of i's component."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


for band in range(BANDS):
    rows = np.ascontiguousarray(signed[:, band * ROWS : (band + 1) * ROWS])
    keys = rows.view(np.dtype((np.void, rows.dtype.itemsize * ROWS))).ravel()
    order = np.argsort(keys, kind="stable")
    for k in np.flatnonzero(keys[order][1:] == keys[order][:-1]).tolist():
        a, b = root(int(order[k])), root(int(order[k + 1]))
        parent[max(a, b)] = min(a, b)
lines = read(source)
for name, line in zip(table.column("id").to_pylist(), lines, strict=True):
    if f'"{name}"'.encode() not in line:
        raise RuntimeError(f"Daft gives rows in another order than the files': {name}.")
write(out, lines, parent == np.arange(len(parent)))
