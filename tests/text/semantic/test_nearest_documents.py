"""Documents by their vectors, a batch of rows at a time."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.vectors.matrix import vector_column
from curator_text.semantic.nearest_documents import VectorTables

UNIT = np.eye(4, dtype=np.float32)


@pytest.fixture
def tables(tmp_path):
    """Two files; one row of the second has no vector."""
    column: Any = vector_column(UNIT)
    first = pa.table({"id": ["a", "b", "c", "d"], "n": [0, 1, 2, 3], "v": column})
    pq.write_table(first, tmp_path / "1.parquet")
    near: Any = pa.array([[0.6, 0.8, 0.0, 0.0], None], pa.list_(pa.float16(), 4))
    pq.write_table(pa.table({"id": ["e", "f"], "n": [4, 5], "v": near}), tmp_path / "2.parquet")
    return VectorTables(paths=[str(tmp_path / f"{n}.parquet") for n in (1, 2)], field="v")


def test_the_most_similar_of_all_files_come_first(tables):
    found = tables.nearest(UNIT[1], top=3)
    assert [(row["id"], row["n"]) for row in found] == [("b", 1), ("e", 4), ("a", 0)]
    assert [row["similarity"] for row in found] == pytest.approx([1, 0.8, 0], abs=1e-3)


def test_a_condition_is_met_by_what_is_found(tables):
    assert [row["id"] for row in tables.nearest(UNIT[1], top=3, where="n > 1 and id != 'c'")] == [
        "e",
        "d",
    ]
    with pytest.raises(SettingsError, match="no column 'size'"):
        tables.nearest(UNIT[1], top=3, where="size > 1")


def test_a_document_is_found_by_its_id_or_another_column(tables):
    assert tables.vector_of({"id": "c"}).tolist() == UNIT[2].tolist()
    assert tables.vector_of({"id": "gone"}, {"file": "x"}, {"n": 3}).tolist() == UNIT[3].tolist()
    assert tables.vector_of({"id": "f"}) is None
    assert tables.facts() is None


def test_a_table_of_other_columns_is_refused(tables):
    other = VectorTables(paths=tables.paths, field="w")
    with pytest.raises(InputError, match="has no column 'w'"):
        other.nearest(UNIT[0], top=1)
