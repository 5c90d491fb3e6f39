"""Tables of rows of documents."""

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.interleaved.batch_tables import fitted, pieces, table_of, wanted_schema
from curator_text.interleaved.documents import INTERLEAVED_SCHEMA

ROW = {"sample_id": "a", "position": 0, "modality": "text", "text_content": "four"}


def test_rows_have_the_schema_and_columns_of_users_beside_it():
    rows = [
        {**ROW, "n": 1, "mixed": 1, "nested": {"a": [1]}, "huge": 1 << 70},
        {**ROW, "mixed": "x"},
    ]
    table = table_of(rows)
    assert table.schema.names == [*INTERLEAVED_SCHEMA.names, "n", "mixed", "nested", "huge"]
    assert table.column("n").to_pylist() == [1, None]
    assert table.column("mixed").to_pylist() == ["1", "x"]
    assert table.column("nested").to_pylist() == ['{"a": [1]}', None]
    assert table.column("huge").to_pylist() == [str(1 << 70), None]


def test_a_schema_decides_columns_and_types():
    schema = wanted_schema(None, {"text_content": pa.large_string(), "url": pa.string()})
    assert schema is not None
    table = table_of([{**ROW, "n": 1}], schema)
    assert table.schema.field("text_content").type == pa.large_string()
    assert table.schema.names == [*INTERLEAVED_SCHEMA.names, "url"]
    assert wanted_schema(None, None) is None


def test_what_cannot_be_is_said():
    with pytest.raises(SettingsError, match="two things"):
        wanted_schema(pa.schema([]), {"a": pa.string()})
    with pytest.raises(SettingsError, match="column text_content cannot be int64"):
        fitted(table_of([ROW]), pa.schema([pa.field("text_content", pa.int64())]))


def test_documents_are_never_cut():
    samples = [[ROW, ROW], [ROW], [ROW]]
    assert [len(rows) for rows in pieces(samples, 9)] == [2, 2]
    assert [len(rows) for rows in pieces(samples, None)] == [4]
    assert list(pieces([], 9)) == []
