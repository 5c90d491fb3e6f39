"""What a filter of one's own has to have."""

import pytest

from curator_text.filters.doc_filter import DocumentFilter
from curator_text.filters.documents import Documents
from curator_text.filters.string import WordCountFilter


class Loud(DocumentFilter):
    """Drops what shouts."""

    name = "loud"

    def score_document(self, text):
        return float(text.count("!"))

    def keep_document(self, score):
        return score <= 1


def test_a_filter_of_two_methods_scores_and_decides_on_a_block():
    loud = Loud()
    scores = loud.score_batch(Documents.of(["a!", "b!!", "c"]))
    assert scores.tolist() == [1, 2, 0]
    assert loud.keep_batch(scores).tolist() == [True, False, True]


def test_without_bounds_the_reason_is_the_score():
    assert Loud().reason(2.0) == "loud 2"


@pytest.mark.parametrize(
    ("score", "reason"), [(3, "word_count 3 < 50"), (2e5, "word_count 2e+05 > 100000")]
)
def test_the_reason_names_the_bound_that_is_broken(score, reason):
    assert WordCountFilter().reason(score) == reason


def test_a_block_is_decided_as_its_documents_are():
    rule = WordCountFilter(min_words=2, max_words=3)
    scores = rule.score_batch(Documents.of(["a", "a b", "a b c", "a b c d"]))
    assert rule.keep_batch(scores).tolist() == [rule.keep_document(each) for each in scores]
