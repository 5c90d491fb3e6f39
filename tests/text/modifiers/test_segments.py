"""Documents to segments and back; ids."""

from typing import Any

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.modifiers.segments import AddId, DocumentJoiner, DocumentSplitter
from curator_text.task import DocumentBatch


def run(stage, table):
    return stage.process(DocumentBatch(data=table, task_id="t7")).data


DOCUMENTS = pa.table({"id": ["a", "b", "c"], "text": ["x\n\ny\n\nz", None, ""], "n": [1, 2, 3]})


def test_a_document_becomes_a_row_per_segment():
    found = run(DocumentSplitter("\n\n"), DOCUMENTS).to_pydict()
    assert found == {
        "id": ["a", "a", "a", "b", "c"],
        "text": ["x", "y", "z", None, ""],
        "n": [1, 1, 1, 2, 3],
        "segment_id": [0, 1, 2, 0, 0],
    }


def test_segments_joined_again_are_the_documents_in_whatever_order_they_come():
    segments = run(DocumentSplitter("\n\n"), DOCUMENTS).take([2, 4, 0, 3, 1])
    joined = run(DocumentJoiner(), segments).sort_by("id")
    assert joined.to_pydict() == DOCUMENTS.to_pydict()


def test_a_document_is_not_longer_than_asked_for():
    table = pa.table(
        {"id": ["a"] * 4, "segment_id": [0, 1, 2, 3], "text": ["12", "34", "5678", "9"]}
    )
    table = table.append_column("length", pa.array([2, 2, 4, 1]))
    stage = DocumentJoiner("-", max_length=5, length_field="length", drop_segment_id_field=False)
    assert run(stage, table).to_pydict() == {
        "id": ["a"] * 3,
        "segment_id": [0, 1, 2],
        "text": ["12-34", "5678", "9"],
        "length": [5, 4, 1],
    }


def test_a_length_needs_both_settings():
    with pytest.raises(SettingsError, match="go together"):
        DocumentJoiner(max_length=3)


def test_a_separator_of_nothing_is_refused():
    with pytest.raises(SettingsError, match="the separator is empty"):
        DocumentSplitter("")


def test_ids_are_the_task_and_the_number():
    assert run(AddId("key"), DOCUMENTS)["key"].to_pylist() == ["t7_0", "t7_1", "t7_2"]
    found = run(AddId("id", id_prefix="web", overwrite=True), DOCUMENTS)
    assert found["id"].to_pylist() == ["web_t7_0", "web_t7_1", "web_t7_2"]


def test_a_column_of_ids_that_is_there_is_not_overwritten_unasked():
    with pytest.raises(SettingsError, match="'id' is there already"):
        run(AddId("id"), DOCUMENTS)


def test_parameters_may_be_given_by_position_as_in_nemo_curator():
    given: Any = (" ", "body", "part", "doc", False, 9, "size")
    stage = DocumentJoiner(*given)
    assert (stage.document_id_field, stage.max_length, stage.length_field) == ("doc", 9, "size")
    given = ("id", None, True)
    assert AddId(*given).overwrite
