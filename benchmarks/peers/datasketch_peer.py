"""datasketch on word 5-grams: MinHash of 256 permutations, MinHashLSH(0.8), first of each component stays."""

from common import arguments, read, shingles, text_of, write
from datasketch import MinHash, MinHashLSH

HASHES, THRESHOLD = 256, 0.8

source, out = arguments()
lines = read(source)
# One document at a time: the shingles of all would take many times the corpus' memory.
groups = ([shingle.encode() for shingle in set(shingles(text_of(line)))] for line in lines)
index = MinHashLSH(threshold=THRESHOLD, num_perm=HASHES)
parent = list(range(len(lines)))


def root(i: int) -> int:
    """The first of i's component."""
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


for number, signature in enumerate(MinHash.generator(groups, num_perm=HASHES)):
    for other in index.query(signature):
        a, b = root(number), root(other)
        parent[max(a, b)] = min(a, b)
    index.insert(number, signature)
write(out, lines, [parent[i] == i for i in range(len(lines))])
