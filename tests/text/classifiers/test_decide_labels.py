"""What decides about documents whose labels are known."""

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_engine.task import FileGroupTask
from curator_text.classifiers.decide_labels import added_up, check_where, labels_schema

FIELDS = {"label": pa.string(), "prob": pa.float64()}


def test_a_field_that_another_column_is_called_is_refused():
    with pytest.raises(SettingsError, match="'keep' is a column of the result"):
        labels_schema({"keep": pa.string()})


def test_a_condition_may_name_the_answers_and_the_place():
    check_where("prob > 0.5 and length < 9 and label == 'High'", FIELDS)
    with pytest.raises(SettingsError, match="no column 'score'"):
        check_where("score > 0.5", FIELDS)


def test_counts_of_labels_add_up_the_most_first():
    parts = [{"a": [1, 0], "b": [2, 1]}, {"a": [4, 2]}]
    tasks = [FileGroupTask(data=["x"], _metadata={"labels": each}) for each in parts]
    assert list(added_up(tasks).items()) == [
        ("a", {"documents": 5, "removed": 2}),
        ("b", {"documents": 2, "removed": 1}),
    ]
