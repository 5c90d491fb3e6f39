"""Counts of documents, against the same rules in plain Python."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_rules import plain_scores

from curator_text.filters.documents import Documents
from curator_text.filters.recipe import load_recipe

_PARTS = [
    "ab",
    "c",
    ".",
    "#",
    "##",
    "…",
    "...",
    "[...]",
    "•",
    "{",
    "(",
    "é",
    "中",
    "1",
    "٣",
    "The",
    "the",
    "of",
    "and",
    "with",
    "read",
    "more..",
    "Lorem",
    "https://a.b/porn%2F",
    "http://",
    "Terms",
    "USE",
    "cookies",
    "use",
    "privacy",
    "policy",
    "-»",
    "?",
    "\x85",
    "\u2003",
    "́",
    "\u2029",
    "\U0001f600",
    "a-very-long-word-of-many-bytes",
]
_TEXTS = st.lists(
    st.tuples(st.sampled_from(_PARTS), st.sampled_from(["", " ", " ", "\n", "\n\n", "\t"])),
    max_size=60,
).map(lambda parts: "".join(a + b for a, b in parts))


@settings(max_examples=60)
@given(texts=st.lists(_TEXTS, min_size=1, max_size=8))
def test_scores_of_the_recipe_are_those_of_plain_python(texts):
    scores = load_recipe("curator-en").scores(pa.array(texts, pa.large_string()))
    for place, text in enumerate(texts):
        plain = plain_scores(text)
        assert {name: each[place] for name, each in scores.items()} == {
            name: plain[name] for name in scores
        }


def test_counts_do_not_depend_on_the_other_documents_of_the_block():
    texts = ["a b a b a b", "", "c d e. c d e.\n\nc d e.", "a"]
    together = Documents.of(texts)
    for name in ("words", "lines", "paragraphs", "top_2gram_chars", "duplicate_2gram_chars"):
        alone = [int(Documents.of([text])[name][0]) for text in texts]
        assert together[name].tolist() == alone, name


def test_documents_of_a_slice_are_counted_from_its_own_place():
    texts = pa.array(["one two three", "four five", "six"], pa.large_string()).slice(1)
    assert Documents(texts)["words"].tolist() == [2, 1]


def test_a_word_of_a_megabyte_is_one_word():
    documents = Documents.of(["x" * (1 << 20)])
    assert documents["words"].tolist() == [1]
    assert documents["longest_word"].tolist() == [1 << 20]


def test_long_words_that_differ_in_one_byte_are_two():
    one, other = "a" * 40 + "b" + "a" * 40, "a" * 40 + "c" + "a" * 40
    assert Documents.of([f"{one} {other} {one}"])["duplicate_1gram_chars"].tolist() == [len(one)]


def test_no_documents_have_no_counts():
    assert Documents.of([])["words"].tolist() == []


def test_an_unknown_count_is_an_error():
    with pytest.raises(KeyError):
        Documents.of(["a"])["wrods"]


def test_ngrams_longer_than_the_most_are_an_error():
    with pytest.raises(KeyError, match="1 to 50"):
        Documents.of(["a"])["top_51gram_chars"]
