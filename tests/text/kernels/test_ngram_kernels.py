"""N-grams, against sets and counters of Python."""

import random

import pytest
from plain_rules import duplicate_ngrams, top_ngram

from curator_text.filters.documents import Documents


@pytest.mark.parametrize("seed", range(5))
def test_counts_are_those_of_plain_python(seed):
    rng = random.Random(seed)
    texts = [
        " ".join(
            rng.choice(["a", "b", "c", "dd", "eee"][: 2 + k % 4]) for _ in range(rng.randrange(80))
        )
        for k in range(30)
    ]
    sizes = (1, 2, 3, 5, 8, 12)
    wanted = [f"{kind}_{n}gram_chars" for kind in ("top", "duplicate") for n in sizes]
    documents = Documents.of(texts, wanted=wanted)
    for n in sizes:
        for place, text in enumerate(texts):
            if len(text.split()) < n or not text:
                assert documents[f"top_{n}gram_chars"][place] == -1
                continue
            size = len(text)
            assert documents[f"top_{n}gram_chars"][place] == round(top_ngram(text, n) * size)
            assert documents[f"duplicate_{n}gram_chars"][place] == round(
                duplicate_ngrams(text, n) * size
            )


def test_the_top_ngram_is_cut_out_also_inside_of_words():
    # As text: "b c" is also in "ab cd".
    assert Documents.of(["b c b c ab cd"])["top_2gram_chars"].tolist() == [9]


def test_an_ngram_that_is_spaced_otherwise_is_not_cut_out():
    assert Documents.of(["b  c\nb\tc"])["top_2gram_chars"].tolist() == [0]
