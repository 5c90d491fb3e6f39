"""A field of embeddings, looked at before running."""

import numpy as np
import pytest
from text_toys import write_jsonl
from vector_toys import write_embeddings

from curator_engine.errors import InputError
from curator_engine.files.listing import list_files
from curator_text.read.embedding_field import check_embedding_field


def files(*paths):
    return list_files([str(p) for p in paths], extensions=[".jsonl", ".parquet"])


def test_most_rows_say_how_many_numbers_there_are(tmp_path):
    rows = [{"v": [1, 2, 3]}, {"v": [1]}, {"v": [4, 5, 6]}, {"v": None}]
    assert check_embedding_field(files(write_jsonl(tmp_path / "x.jsonl", rows)), "v") == 3


def test_parquet_is_looked_at_too(tmp_path):
    paths = write_embeddings(tmp_path, np.ones((4, 5)))
    assert check_embedding_field(files(*paths), "embeddings") == 5


def test_a_field_that_no_file_has_is_named(tmp_path):
    path = write_jsonl(tmp_path / "x.jsonl", [{"a": 1}])
    with pytest.raises(
        InputError, match=r"the embedding field 'v' is in none .* --embedding-field"
    ):
        check_embedding_field(files(path), "v")


@pytest.mark.parametrize("value", ["text", 3, [], ["a"]])
def test_a_field_without_lists_of_numbers_is_refused(tmp_path, value):
    path = write_jsonl(tmp_path / "x.jsonl", [{"v": value}])
    with pytest.raises(InputError, match="holds no lists of numbers"):
        check_embedding_field(files(path), "v")
