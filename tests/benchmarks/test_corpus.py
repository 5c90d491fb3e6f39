"""What the benchmarks' corpora are made of."""

import importlib
import sys
from collections import Counter
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SIZE = 4_000_000


@pytest.fixture(scope="module")
def corpus():
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("corpus")
    sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def drawn(corpus):
    return corpus.copied(SIZE, seed=7)


def test_a_corpus_of_copies_is_drawn_with_its_seed(corpus, drawn):
    again = corpus.copied(SIZE, seed=7)
    assert again == drawn
    assert corpus.copied(SIZE, seed=8) != drawn


def test_most_documents_of_a_corpus_of_copies_are_copies(drawn):
    copies = sum(document.id.startswith("c") for document in drawn)
    # How many depends on the texts of this machine: a group is drawn whole.
    assert 0.5 < copies / len(drawn) < 0.9


def test_groups_of_copies_are_of_many_sizes(drawn):
    groups = Counter(document.id[1:].partition("-")[0] for document in drawn)
    sizes = Counter(groups.values())
    assert sizes[1] > sizes[2] > sizes[4]
    assert max(sizes) > 20


def test_copies_are_near_their_original(drawn):
    texts = {document.id: document.text.split(" ") for document in drawn}
    for name, words in texts.items():
        if name.startswith("c"):
            original = set(texts["o" + name[1:].partition("-")[0]])
            assert len(original & set(words)) > 0.7 * len(original)
