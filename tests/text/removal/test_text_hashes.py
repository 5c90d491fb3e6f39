"""Hashes of texts."""

import numpy as np
import pyarrow as pa
import xxhash

from curator_text.removal.text_hashes import hash_texts


def test_the_hash_is_xxh3_128_of_the_bytes():
    texts = ["b", "", "naïve"]
    hashes, total = hash_texts(pa.array(texts))
    digests = [xxhash.xxh3_128_digest(text.encode()) for text in texts]
    assert hashes.tolist() == [np.frombuffer(each, np.uint64).tolist() for each in digests]
    assert total == len("".join(texts).encode())
