"""Differences between texts."""

from hypothesis import given
from hypothesis import strategies as st

from curator_text.report.text_diff import Piece, word_diff

WORDS = " ".join(f"w{i}" for i in range(200))


def parts(pieces, *kinds):
    return "".join(piece.text for piece in pieces if piece.kind in kinds)


def test_a_changed_word_is_deleted_and_inserted():
    assert word_diff("a quick fox", "a slow fox") == [
        Piece("same", "a"),
        Piece("deleted", " quick"),
        Piece("inserted", " slow"),
        Piece("same", " fox"),
    ]


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_the_pieces_give_back_both_texts(old, new):
    pieces = word_diff(" ".join(old), " ".join(new))
    assert parts(pieces, "same", "deleted") == " ".join(old)
    assert parts(pieces, "same", "inserted") == " ".join(new)


def test_what_is_the_same_is_left_out_but_for_a_few_words():
    pieces = word_diff(WORDS, WORDS.replace("w100", "other"), context=2)
    assert [piece.text for piece in pieces] == [
        "98 words the same",
        " w98 w99",
        " w100",
        " other",
        " w101 w102",
        "97 words the same",
    ]


def test_equal_texts_show_how_they_begin():
    assert word_diff(WORDS, WORDS, context=1) == [
        Piece("same", "w0 w1 w2 w3"),
        Piece("gap", "196 words the same"),
    ]


def test_what_is_too_long_to_compare_is_said():
    pieces = word_diff(WORDS, WORDS.replace("w", "v"), max_words=50)
    assert pieces[-1] == Piece("gap", "150 more words were not compared")


def test_a_long_piece_is_cut():
    assert word_diff("a", "b" * 100, max_chars=10)[-1] == Piece("inserted", "b" * 10 + "…")


def test_characters_are_words_where_no_spaces_are_written():
    assert parts(word_diff("数据模型", "数据训型"), "deleted") == "模"
