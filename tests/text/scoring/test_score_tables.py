"""The rows of a run that filters, and what their columns may be called."""

import pyarrow as pa
import pytest
from filter_toys import Marks, Words, toy_recipe

from curator_engine.errors import SettingsError
from curator_text.filters.recipe import Recipe
from curator_text.scoring.score_tables import check_where, judged, score_names, scores_schema


def rows(words, marks):
    count = len(words)
    return pa.table(
        {
            "id": [f"d{i}" for i in range(count)],
            "file": ["x.jsonl"] * count,
            "row": list(range(count)),
            "byte_offset": [0] * count,
            "length": [9] * count,
            "words": pa.array(words, pa.float64()),
            "marks": pa.array(marks, pa.float64()),
        }
    )


def test_a_condition_gives_its_reason_only_where_the_rules_keep():
    table = judged(rows([1, 5, 9], [0, 0, 0]), toy_recipe(), "words > 6")
    assert table.column("rule").to_pylist() == ["words", "where", None]
    assert table.column("reason").to_pylist() == ["words 1 < 3", "not words > 6", None]
    assert table.column("keep").to_pylist() == [False, False, True]


def test_the_first_part_of_a_condition_that_does_not_hold_is_the_reason():
    table = judged(rows([5], [1]), toy_recipe(), "words > 6 and marks < 1")
    assert table.column("reason").to_pylist() == ["not words > 6"]


def test_without_documents_the_columns_are_the_same():
    table = judged(rows([], []), toy_recipe(), "words > 6")
    assert table.schema == scores_schema(["words", "marks"])


@pytest.mark.parametrize("name", ["id", "keep", "reason", "where"])
def test_a_score_that_has_the_name_of_another_column_is_refused(name):
    taken = type("Taken", (Words,), {"name": name})()
    with pytest.raises(SettingsError, match="name the filter otherwise"):
        score_names(Recipe(name="x", filters=(Marks(), taken)))


def test_a_condition_that_cannot_be_read_is_answered_by_an_example_on_texts():
    with pytest.raises(SettingsError, match="word_count > 100"):
        check_where("words >", ["words"])
