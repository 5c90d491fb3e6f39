"""The kernels that hash and count."""

import numpy as np

from curator_text.kernels import hash_kernels


def test_characters_are_counted_not_bytes():
    texts = [text.encode() for text in ("né", "文字", "")]
    counts = np.empty(3, np.int64)
    offsets = np.cumsum([0, *map(len, texts)])
    hash_kernels.count_characters(np.frombuffer(b"".join(texts), np.uint8), offsets, counts)
    assert counts.tolist() == [2, 2, 0]
