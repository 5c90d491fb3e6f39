"""The stages that score and filter documents of a table."""

from typing import Any, cast

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.filters.doc_filter import DocumentFilter
from curator_text.filters.score_filter import Filter, Score, ScoreFilter
from curator_text.filters.string import NumbersFilter, WordCountFilter
from curator_text.task import DocumentBatch

_TEXTS = ["one", "one two", "one two three", "1 2 3"]


class Starts(DocumentFilter):
    """Keeps texts that start with o."""

    name = "starts"

    def score_document(self, text):
        return float(text.startswith("o"))

    def keep_document(self, score):
        return score == 1


def run(*stages, **columns):
    table = pa.table(columns or {"text": _TEXTS})
    pipeline = Pipeline(name="filters", stages=list(stages))
    result = pipeline.run(LocalExecutor(), initial_tasks=[DocumentBatch(data=table)])
    return [task.data.to_pydict() for task in result or []]


def test_a_score_becomes_a_column():
    (data,) = run(Score(WordCountFilter(), "words"))
    assert data == {"text": _TEXTS, "words": [1, 2, 3, 3]}


def test_a_function_scores_as_well():
    (data,) = run(Score(len, "size"))
    assert data["size"] == [3, 7, 13, 5]


def test_several_scores_become_several_columns():
    (data,) = run(Score([WordCountFilter(), Starts()], ["words", "starts"]))
    assert data["starts"] == [1, 1, 1, 0]


def test_documents_whose_score_is_kept_stay():
    (data,) = run(ScoreFilter(WordCountFilter(2, 3)))
    assert data == {"text": _TEXTS[1:]}


def test_filters_of_a_list_all_have_to_keep():
    (data,) = run(ScoreFilter([WordCountFilter(2, 3), NumbersFilter()], score_field=["w", "n"]))
    assert data == {"text": _TEXTS[1:3], "w": [2, 3], "n": [0, 0]}


def test_inverted_those_stay_that_would_go():
    (data,) = run(ScoreFilter([WordCountFilter(2, 3), Starts()], invert=[True, False]))
    assert data == {"text": ["one"]}


def test_each_filter_may_have_a_column_of_its_own():
    (data,) = run(
        ScoreFilter([WordCountFilter(1, 1), Starts()], ["title", "text"]),
        title=["a", "b", "a b"],
        text=["ox", "x", "ox"],
    )
    assert data == {"title": ["a"], "text": ["ox"]}


def test_a_filter_decides_on_a_column_that_is_there():
    (data,) = run(Filter(lambda n: n > 1, "n"), n=[1, 2], text=["a", "b"])
    assert data == {"n": [2], "text": ["b"]}
    (data,) = run(Filter(WordCountFilter(2, 9), "n", invert=True), n=[1, 2], text=["a", "b"])
    assert data["n"] == [1]


def test_no_document_left_is_no_task():
    assert run(ScoreFilter(WordCountFilter(99))) == []


def test_a_text_that_is_missing_counts_as_empty():
    (data,) = run(Score(WordCountFilter(), "words"), text=["a b", None])
    assert data["words"] == [2, 0]


def test_what_went_is_counted_under_the_first_filter_that_it_fails():
    stage = ScoreFilter([WordCountFilter(2, 3), Starts()])
    stage.process(DocumentBatch(data=pa.table({"text": _TEXTS})))
    assert stage.take_notes()[1] == {"word_count": 1, "starts": 1}


@pytest.mark.parametrize(
    "make",
    [
        lambda: Score([WordCountFilter(), Starts()], "one"),
        lambda: ScoreFilter([WordCountFilter()], ["a", "b"]),
        lambda: ScoreFilter([]),
        lambda: ScoreFilter(cast("Any", len)),
        lambda: Filter([Starts()], ["a", "b"]),
    ],
)
def test_lists_that_do_not_fit_are_refused(make):
    with pytest.raises(SettingsError):
        make()


def test_a_column_without_texts_is_refused():
    with pytest.raises(SettingsError, match="holds int64, no texts"):
        ScoreFilter(WordCountFilter()).process(DocumentBatch(data=pa.table({"text": [1]})))
