"""The index of evaluation sets: its n-grams, and what it is on disk."""

import numpy as np
import pyarrow as pa
from contamination_toys import QUESTIONS, write_evaluation
from text_toys import write_jsonl

from curator_text.decontaminate.evaluation_index import build_index, is_saved, load_index
from curator_text.decontaminate.evaluation_items import evaluation_files


def index_of(folder, *texts, **settings):
    path = write_jsonl(folder / "e.jsonl", [{"q": text} for text in texts])
    return build_index(evaluation_files([path]), **settings)


def test_an_item_has_the_ngrams_of_its_words(tmp_path):
    index = index_of(tmp_path, " ".join("abcdefghij"), ngram=4, min_words=2)
    assert index.of_item.tolist() == [7]
    assert index.lengths.tolist() == [4] * 7


def test_a_short_item_is_one_ngram_and_a_very_short_one_none(tmp_path):
    index = index_of(tmp_path, "one two three", "one two", ngram=4, min_words=3)
    assert index.of_item.tolist() == [1]
    [about] = index.files
    assert (about.rows, about.items, about.short) == (2, 1, 1)


def test_ngrams_that_are_the_same_are_one(tmp_path):
    index = index_of(tmp_path, "a b a b a b", "A, b; a!", ngram=2, min_words=2)
    assert (len(index.anchors), index.of_item.tolist()) == (2, [2, 2])
    assert index.items.tolist() == [0, 1, 0, 1]


def test_a_saved_index_finds_the_same(tmp_path):
    index = build_index(evaluation_files([write_evaluation(tmp_path / "e.jsonl")]))
    assert not is_saved(str(tmp_path / "index"))
    index.save(str(tmp_path / "index"))
    texts = pa.array([f"before {QUESTIONS[0]} behind", "other", QUESTIONS[1]], pa.large_string())
    found = load_index(str(tmp_path / "index")).find(texts)
    assert np.array_equal(found, index.find(texts))
    assert np.unique(found[:, 0]).tolist() == [0, 2]
    assert found[0, 2] == len("before ")
    assert found[found[:, 0] == 0, 3].max() == len("before ") + len(QUESTIONS[0])


def test_an_index_of_nothing_finds_nothing(tmp_path):
    index = index_of(tmp_path, "too short")
    assert len(index.find(pa.array(["too short"], pa.large_string()))) == 0


def test_a_very_long_word_is_compared_whole(tmp_path):
    blob = "x" * 100_000
    index = index_of(tmp_path, f"{blob} b c", ngram=3, min_words=3)
    texts = pa.array([f"a {blob}, B, c!", f"a x{blob}, B, c!"], pa.large_string())
    assert index.find(texts)[:, 0].tolist() == [0]
