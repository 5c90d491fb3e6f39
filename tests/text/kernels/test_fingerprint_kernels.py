"""The windows that a fingerprint adds up."""

import numpy as np

from curator_text.kernels.fingerprint_kernels import add_windows
from curator_text.read.columns import utf8


def added(*texts, width=3, dims=1 << 16):
    import pyarrow as pa

    text, offsets = utf8(pa.array(texts))
    out = np.zeros((len(texts), dims))
    add_windows(text, offsets, width, out)
    return np.abs(out).sum(axis=1).tolist()


def test_windows_are_of_characters_not_of_bytes():
    assert added("abcde", "äöüéè", "文字文字x") == [3, 3, 3]


def test_a_window_that_repeats_counts_once():
    assert added("aaaaaaaa") == [1]


def test_a_text_shorter_than_a_window_is_one():
    assert added("", "a", "ab") == [1, 1, 1]
