"""Files of embeddings and samples of them."""

import json
from typing import Any

import numpy as np
import pytest
from vector_toys import near_duplicates, write_embeddings

from curator_engine.errors import InputError
from curator_engine.vectors.embedding_files import read_rows, sample_vectors

POINTS = near_duplicates(40, 10, dims=8)


def sample(paths, **options):
    fields: dict[str, Any] = {
        "id_field": "id",
        "embedding_field": "embeddings",
        "rows": 1000,
        **options,
    }
    return sample_vectors(paths, **fields)


def test_a_sample_does_not_depend_on_how_the_rows_are_spread_over_files(tmp_path):
    one = sample(write_embeddings(tmp_path / "a", POINTS, files=1), rows=20)
    many = sample(write_embeddings(tmp_path / "b", POINTS, files=7)[::-1], rows=20)
    assert np.array_equal(one, many)
    assert len(one) == 20


def test_all_rows_come_in_the_order_of_ids(tmp_path):
    paths = write_embeddings(tmp_path, POINTS, files=4)
    assert np.allclose(sample(paths[::-1]), POINTS, atol=1e-6)


def test_a_fraction_of_the_rows_may_be_asked_for(tmp_path):
    assert len(sample(write_embeddings(tmp_path, POINTS), fraction=0.5)) == 25


def test_a_file_that_is_not_readable_is_left_out(tmp_path):
    paths = write_embeddings(tmp_path, POINTS)
    (tmp_path / "x.parquet").write_bytes(b"no parquet")
    assert len(sample([str(tmp_path / "x.parquet"), *paths])) == 50


def test_json_lines_hold_embeddings_too(tmp_path):
    path = tmp_path / "x.jsonl"
    rows = [{"id": i, "embeddings": row.tolist()} for i, row in enumerate(POINTS)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert np.allclose(sample([str(path)]), POINTS, atol=1e-6)


def test_a_missing_column_is_named_with_those_there_are(tmp_path):
    path = write_embeddings(tmp_path, POINTS, files=1)[0]
    with pytest.raises(InputError, match=r"has no column 'vector'; there are "):
        list(read_rows(path, ["id", "vector"]))


def test_rows_without_any_embedding_are_an_error(tmp_path):
    paths = write_embeddings(tmp_path, np.zeros((4, 3)))
    with pytest.raises(InputError, match="no row has an embedding in 'embeddings'"):
        sample(paths)
