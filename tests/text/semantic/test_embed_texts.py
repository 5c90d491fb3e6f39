"""Columns of vectors of either type; what the stage writes is tested with the workflow."""

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.vectors.matrix import vectors_of
from curator_text.semantic.embed_texts import EmbedTexts, numbers_column
from curator_text.semantic.encoders import Encoding

UNIT = np.array([[0.6, 0.8], [1.0, 0.0]], np.float32)


@pytest.mark.parametrize(("kind", "error"), [("float32", 1e-7), ("float16", 1e-3)])
def test_vectors_are_lists_of_a_fixed_size(kind, error):
    column = numbers_column(UNIT, kind)
    assert pa.types.is_fixed_size_list(column.type)
    assert np.allclose(vectors_of(pa.chunked_array([column])).matrix, UNIT, atol=error)
    assert len(numbers_column(UNIT[:0], kind)) == len(numbers_column(UNIT[:0, :0], kind)) == 0


def test_a_model_on_the_cpu_has_one_worker_and_a_fingerprint_many():
    assert EmbedTexts(path="x").num_workers() is None
    assert (
        EmbedTexts(path="x", encoding=Encoding(model="org/tiny", device="cpu")).num_workers() == 1
    )
