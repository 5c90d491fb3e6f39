"""Which marks go off a word: the rules one by one; all together are in `test_token_kernels.py`."""

import numpy as np
import pytest

from curator_text.filters.token_classes import token_classes
from curator_text.kernels import mark_kernels as marks


def call(rule, text):
    raw = np.frombuffer(text.encode(), np.uint8)
    return rule(raw, 0, len(raw), token_classes())


@pytest.mark.parametrize(
    ("text", "size"), [("a.", 0), ("(a", 1), ("..a", 2), (".a", 0), ("+a", 1), ("+1", 0), ("\u20ac5", 3)]
)  # fmt: skip
def test_the_front_of_a_piece(text, size):
    assert call(marks.prefix, text) == size


@pytest.mark.parametrize(
    ("text", "size"),
    [("a.", 1), ("A.", 0), ("AB.", 1), ("a...", 3), ("a's", 2), ("a\u2019S", 4), ("5+", 1), ("5kg", 2), ("akg", 0),
     ("5\u20ac", 3), ("5%", 1), ("a%", 0), ("a)", 1), (".", 0)],
)  # fmt: skip
def test_the_end_of_a_piece(text, size):
    assert call(marks.suffix, text) == size


@pytest.mark.parametrize(
    "text", ["x.org", "http://x.org", "a@b.org", "x.org:80/a?b#c", "s3+ssh://u:p@x.org/~u", "os.path/a-b"]
)  # fmt: skip
def test_what_is_an_address(text):
    assert call(marks.is_address, text)


@pytest.mark.parametrize(
    "text", ["x", "a-b", "End.Next", "x.o", ".org", "x..org", "x.org:1", "-x.org", "a.b_c"]
)
def test_what_is_no_address(text):
    assert not call(marks.is_address, text)


@pytest.mark.parametrize(
    ("text", "cut"), [("don't", 2), ("they\u2019ve", 4), ("cannot", 3), ("o'clock", 7), ("n't", 3), ("'s", 2), ("a1'd", 4)]
)  # fmt: skip
def test_where_a_contraction_is_cut(text, cut):
    raw = np.frombuffer(text.encode(), np.uint8)
    assert marks.contraction(raw, 0, len(raw)) == cut
