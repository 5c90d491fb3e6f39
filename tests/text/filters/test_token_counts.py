"""Counts of words and marks: what is asked for, and how blocks are made."""

import pytest

from curator_text.filters.documents import Documents


def test_counts_do_not_depend_on_the_other_documents_of_the_block():
    texts = ["a b. a b. a b.", "", "c d\n\nc d", "- a"]
    together = Documents.of(texts).tokens
    for name in (
        "tokens",
        "top_2token_chars",
        "apart_2token_chars",
        "repeated_paragraphs",
        "any_lines",
    ):
        alone = [int(Documents.of([text]).tokens[name][0]) for text in texts]
        assert together[name].tolist() == alone, name


def test_documents_of_a_slice_are_counted_from_its_own_place():
    texts = Documents.of(["one two", "three. four\nfive", "six"]).texts.slice(1)
    tokens = Documents(texts).tokens
    assert tokens["tokens"].tolist() == [4, 1]
    assert tokens.sentences.tolist() == [3, 1]
    assert tokens["split_lines"].tolist() == [2, 1]


def test_short_lines_are_counted_for_each_length():
    tokens = Documents.of(["a\nbb\nccc"]).tokens
    assert [int(tokens.web_lines(short)["short_lines"][0]) for short in (1, 2, 1)] == [1, 2, 1]


def test_an_unknown_count_is_an_error():
    with pytest.raises(KeyError):
        Documents.of(["a"]).tokens["wrods"]
