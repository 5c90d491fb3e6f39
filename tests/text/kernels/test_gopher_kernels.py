"""Lines, paragraphs and n-grams as datatrove counts them, against plain Python."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_gopher import apart_ngrams, fineweb_scores, gopher_scores, top_ngram

from curator_text.filters.documents import Documents
from curator_text.filters.recipe import load_recipe

_PARTS = ["ab", "c", "the", "of", ".", "...", "…", "#", "-", "•", "é", "中。", "1", "a.", "x" * 31]
_SPACES = ["", " ", " ", "\n", "\n\n", "\n\n\n", "\t", "\r\n", "\r", "\x0b", "\x85", "\u2028", "\u3000"]  # fmt: skip
_TEXTS = st.lists(st.tuples(st.sampled_from(_PARTS), st.sampled_from(_SPACES)), max_size=60).map(
    lambda parts: "".join(a + b for a, b in parts)
)


def words_of(documents):
    begin, stop, _, _, ends = documents.tokens._tokens
    raw = documents._text.tobytes()
    found = [raw[a:b].decode() for a, b in zip(begin[: ends[-1]], stop[: ends[-1]], strict=True)]
    return [found[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


@settings(max_examples=80)
@given(texts=st.lists(_TEXTS, min_size=1, max_size=6))
def test_scores_of_gopher_and_fineweb_are_those_of_plain_python(texts):
    changes = [f"{name}.after_c4=false" for name in ("FineWebEndMarks", "FineWebShortLines")]
    changes += [f"{name}.after_c4=false" for name in ("FineWebRepeatedLines", "FineWebLineEnds")]
    scores = load_recipe("fineweb", changes).scores(pa.array(texts, pa.large_string()))
    for place, words in enumerate(words_of(Documents.of(texts))):
        plain = gopher_scores(texts[place], words) | fineweb_scores(texts[place], words)
        assert {name: scores[name][place] for name in plain} == plain


@pytest.mark.parametrize("n", [1, 2, 3])
def test_ngrams_do_not_overlap_and_the_first_of_the_most_frequent_counts(n):
    words = ["a", "b", "a", "b", "a", "b", "cc", "a", "b", "cc", "x", "a", "b", "cc"]
    tokens = Documents.of([" ".join(words), "a"]).tokens
    assert tokens[f"apart_{n}token_chars"][0] == apart_ngrams(words, n)
    assert tokens[f"top_{n}token_chars"][0] == top_ngram(words, n)


def test_a_document_of_fewer_words_than_n_has_no_ngrams():
    tokens = Documents.of(["a b", "a b c a b c", ""]).tokens
    assert tokens["top_3token_chars"].tolist() == [0, 10, 0]


def test_the_last_line_may_end_with_a_carriage_return():
    assert Documents.of(["- a\r", "\n- b\r\n"]).tokens["any_lines"].tolist() == [1, 2]
