"""datasketch on word 5-grams: MinHash of 256 permutations, MinHashLSH(0.8), first of each component stays."""

from common import arguments, read, shingles, write
from datasketch import MinHash, MinHashLSH

HASHES, THRESHOLD = 256, 0.8

source, out = arguments()
ids, texts = read(source)
groups = [[shingle.encode() for shingle in set(shingles(text))] for text in texts]
index = MinHashLSH(threshold=THRESHOLD, num_perm=HASHES)
parent = list(range(len(texts)))


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
write(out, ids, texts, [parent[i] == i for i in range(len(texts))])
