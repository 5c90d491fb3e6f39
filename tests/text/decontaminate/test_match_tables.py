"""Which items are found, given n-grams in documents."""

import numpy as np
import pyarrow as pa
import pytest
from text_toys import write_jsonl

from curator_text.decontaminate import match_tables
from curator_text.decontaminate.evaluation_index import build_index
from curator_text.decontaminate.evaluation_items import evaluation_files
from curator_text.decontaminate.match_tables import Rule

ITEMS = ["a b c d e f", "a b c x y z", "a b c"]


@pytest.fixture
def index(tmp_path):
    path = write_jsonl(tmp_path / "e.jsonl", [{"q": item} for item in ITEMS])
    return build_index(evaluation_files([path]), ngram=3, min_words=3)


def apply(index, texts, *, least=0.5, ignored=None):
    none = np.zeros(len(index.anchors), np.bool_)
    rule = Rule(index=index, ignored=none if ignored is None else ignored, min_overlap=least)
    found = np.zeros(len(ITEMS), np.bool_)
    hits = index.find(pa.array(texts, pa.large_string()))
    return rule.apply(hits[~rule.ignored[hits[:, 1]]], found), found


def test_the_share_of_an_items_ngrams_decides(index):
    matches, found = apply(index, ["a b c d", "b c d", "a b c d e f"])
    assert matches.rows[:, :3].tolist() == [[0, 2, 1], [0, 0, 2], [2, 0, 4], [2, 2, 1]]
    assert found.tolist() == [True, False, True]
    assert matches.best.tolist() == [[0, 2, 20], [1, 0, 5], [2, 2, 20]]


def test_any_ngram_is_enough_with_a_share_of_zero(index):
    matches, found = apply(index, ["y x b c d"], least=0.0)
    assert matches.rows[:, :3].tolist() == [[0, 0, 1]]
    assert not found[1]


def test_spans_that_touch_are_one(index):
    matches, _ = apply(index, ["a b c d, no: a b c", "d e f a b c"])
    spans = [[int(matches.rows[r, 1]), a, b] for r, a, b, _ in matches.spans.tolist()]
    assert [span for span in spans if span[0] == 2] == [[2, 0, 5], [2, 13, 18], [2, 6, 11]]
    assert [0, 0, 7] in spans


def test_ngrams_that_do_not_count_are_no_part_of_an_item(index):
    hits = index.find(pa.array(["a b c"], pa.large_string()))
    ignored = np.zeros(len(index.anchors), np.bool_)
    ignored[hits[0, 1]] = True
    matches, _ = apply(index, ["a b c", "b c d e"], ignored=ignored)
    # The first item has three left, of which the document has two.
    assert matches.rows[:, :3].tolist() == [[1, 0, 2]]


def test_many_items_of_a_document_are_counted_and_the_nearest_listed(index, monkeypatch):
    monkeypatch.setattr(match_tables, "MOST_ITEMS", 2)
    matches, found = apply(index, ["a b c d x y z"], least=0.0)
    assert matches.rows[:, 1].tolist() == [2, 0]
    assert matches.best[0, 1] == 3
    assert found.all()
