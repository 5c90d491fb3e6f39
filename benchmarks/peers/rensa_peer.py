"""rensa as its documents show it, on word 5-grams: keep what has no kept neighbour of estimated J >= 0.8."""

from common import arguments, read, shingles, text_of, write
from rensa import RMinHash, RMinHashLSH

HASHES, BANDS, THRESHOLD = 256, 16, 0.8

source, out = arguments()
lines = read(source)
index = RMinHashLSH(threshold=THRESHOLD, num_perm=HASHES, num_bands=BANDS)
kept: dict[int, RMinHash] = {}
keep: list[bool] = []
for number, line in enumerate(lines):
    signature = RMinHash(num_perm=HASHES, seed=42)
    signature.update(shingles(text_of(line)))
    near = any(
        signature.jaccard(kept[other]) >= THRESHOLD
        for other in index.query(signature)
        if other in kept
    )
    keep.append(not near)
    if not near:
        index.insert(number, signature)
        kept[number] = signature
write(out, lines, keep)
