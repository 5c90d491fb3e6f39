"""Which marks go off words, which are symbols, which end a sentence."""

import pytest

from curator_text.filters.token_classes import symbols, terminals, token_classes
from curator_text.kernels import mark_kernels as bits


@pytest.mark.parametrize(
    ("char", "bit"),
    [
        ("a", bits.LOWER),
        ("\u00c9", bits.UPPER),
        ("\u4e2d", bits.LETTER),
        ("\u3000", bits.SPACE),
        ("\u201d", bits.QUOTE),
        ("\u2605", bits.ICON),
        ("\u20ac", bits.CURRENCY),
        ("\u2014", bits.HYPHEN),
        ("\u3002", bits.TERMINAL),
        ("/", bits.PUNCTUATION),
    ],
)
def test_a_character_has_its_bit(char, bit):
    assert token_classes()[ord(char)] & bit


def test_points_and_hyphens_do_not_go_off_both_ends_by_themselves():
    assert (
        not token_classes()[[ord(char) for char in ".-/@|"]]
        .astype(int)
        .__and__(int(bits.EDGE))
        .any()
    )


def test_ends_of_sentences_are_symbols_and_there_are_159():
    assert len(terminals()) == 159
    assert set(terminals()) < set(symbols())
