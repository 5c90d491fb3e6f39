"""FineWeb's rules on both sides of their limits, from their definitions."""

import pytest

from curator_text.filters.fineweb import (
    FineWebEndMarksFilter,
    FineWebLineEndsFilter,
    FineWebRepeatedLinesFilter,
    FineWebShortLinesFilter,
)

_CASES = [
    (FineWebEndMarksFilter(), 3 * "a.\n" + 22 * "b\n", 2 * "a.\n" + 16 * "b \n"),
    (FineWebEndMarksFilter(zero_is_fine=True), "a\nb", "a\n" * 9 + "b."),
    (FineWebShortLinesFilter(max_share=0.5), 30 * "a" + "\n \n" + 31 * "b", 30 * "a" + "\nb\n" + 31 * "c"),
    (FineWebRepeatedLinesFilter(), "a\na\n" + 98 * "b", "a\na\n" + 97 * "b"),
    (FineWebLineEndsFilter(), "a\nb\nc\nd e f g h i j", "a\nb\nc\nd e f g h i"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kept", "dropped"), _CASES)
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    scores = [rule.score_document(text) for text in (kept, dropped)]
    assert [rule.keep_document(score) for score in scores] == [True, False], scores


def test_a_document_without_lines_goes():
    rules = [FineWebEndMarksFilter(), FineWebShortLinesFilter()]
    assert [rule.keep_document(rule.score_document(" \n ")) for rule in rules] == [False, False]


def test_lines_that_c4_takes_out_do_not_count_after_it():
    text = "One line that ends.\nmenu\nhome\nAnother one that ends.\n"
    assert FineWebEndMarksFilter().score_document(text) == 0.5
    assert FineWebEndMarksFilter(after_c4=True).score_document(text) == 1.0
