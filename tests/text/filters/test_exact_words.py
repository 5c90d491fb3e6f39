"""Words by spaCy: what is said without it, and, where it is installed, that scores come from its words."""

import dataclasses
import importlib.util
import re

import numpy as np
import pytest

from curator_engine.errors import ResourceError, SettingsError
from curator_text.filters.documents import Documents
from curator_text.filters.exact_words import exact_spans
from curator_text.filters.recipe import load_recipe

HAS_SPACY = importlib.util.find_spec("spacy") is not None
TEXTS = [
    "Don't, na\u00efve caf\u00e9s\u2026 \U0001f600 e.g. x.",
    "",
    "Zw\u00f6lf Boxk\u00e4mpfer  jagen.\n",
]


@pytest.mark.skipif(HAS_SPACY, reason="spaCy is installed")
def test_without_spacy_the_line_says_what_to_install():
    with pytest.raises(ResourceError, match=r"needs spaCy; install curator-text\[words\]"):
        load_recipe("gopher").with_exact_words("en")


def test_a_recipe_whose_words_lie_between_white_space_refuses():
    with pytest.raises(SettingsError, match="words of recipe curator-en lie between white space"):
        load_recipe("curator-en").with_exact_words("en")


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("gopher", r"in (\d+) of \1 rules words are cut by rules for English"),
        ("fineweb2-deu", "by rules for English; for another language name it with --exact-words"),
        ("curator-en", "words are what lies between white space"),
    ],
)
def test_a_recipe_says_how_it_finds_words(recipe, words):
    assert re.search(words, load_recipe(recipe).words)


def test_a_recipe_says_that_spacy_finds_its_words():
    recipe = dataclasses.replace(load_recipe("gopher"), exact_words="th")
    assert recipe.words.endswith("words are cut as spaCy cuts th")


@pytest.mark.skipif(not HAS_SPACY, reason="spaCy is not installed")
def test_spans_are_bytes_of_the_words_that_spacy_finds():
    raw = "".join(TEXTS).encode()
    starts = np.cumsum([0, *(len(text.encode()) for text in TEXTS)])
    begin, stop, ends = exact_spans(TEXTS, starts[:-1], "en")
    words = [raw[a:b].decode() for a, b in zip(begin, stop, strict=True)]
    assert words[: ends[0]] == [
        "Do",
        "n't",
        ",",
        "na\u00efve",
        "caf\u00e9s",
        "\u2026",
        "\U0001f600",
        "e.g.",
        "x.",
    ]
    assert words[ends[1] :] == ["Zw\u00f6lf", "Boxk\u00e4mpfer", "jagen", "."]


@pytest.mark.skipif(not HAS_SPACY, reason="spaCy is not installed")
def test_counts_by_spacy_are_those_of_the_kernel_where_it_cuts_alike():
    own, exact = Documents.of(TEXTS).tokens, Documents.of(TEXTS, exact_words="en").tokens
    for name in ("tokens", "words_of_tokens", "chars_of_words", "top_2token_chars"):
        assert own[name].tolist() == exact[name].tolist(), name
    assert own.sentences.tolist() == exact.sentences.tolist()


@pytest.mark.skipif(not HAS_SPACY, reason="spaCy is not installed")
def test_a_language_that_spacy_has_not_is_refused():
    with pytest.raises(ResourceError, match="spaCy cannot cut it here"):
        load_recipe("gopher").with_exact_words("qq")
