"""Tokens are embedded as texts are."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tiny_classifiers import TEXTS

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.classifiers.token_stages import TokenizerStage
from curator_text.models.transformer_encoder import TransformerEncoder
from curator_text.semantic.token_embedding import (
    EmbeddingModelStage,
    SentenceTransformerEmbeddingModelStage,
    create_list_series_from_1d_or_2d_ar,
)
from curator_text.task import DocumentBatch


@pytest.mark.parametrize(("pooling", "short"), [("mean_pooling", "mean"), ("last_token", "last")])
def test_vectors_are_those_of_the_texts(classifiers, pooling, short):
    model = classifiers["score"]
    stages: list[Any] = [
        TokenizerStage(model_identifier=model),
        EmbeddingModelStage(model_identifier=model, pooling=pooling, device="cpu"),
    ]
    batch = DocumentBatch(data=pa.table({"text": TEXTS}))
    [found] = Pipeline("embed", stages=stages).run(LocalExecutor(), [batch])
    assert found.data.column_names == ["text", "embeddings"]
    encoder = TransformerEncoder(model, pooling=short, device="cpu")
    expected, _ = encoder.embed(TEXTS, batch_size=2, max_chars=None)
    assert np.allclose(np.array(found.data["embeddings"].to_pylist()), expected, atol=1e-5)


def test_what_is_not_offered_is_said():
    with pytest.raises(SettingsError, match="set HF_HOME"):
        EmbeddingModelStage(model_identifier="m", cache_dir="c")


def test_the_models_own_files_say_how_states_become_a_vector(classifiers):
    stage = SentenceTransformerEmbeddingModelStage(
        model_identifier=classifiers["score"], embedding_field="v"
    )
    stage.setup()
    [vector] = stage.process(DocumentBatch(data=pa.table({"input_ids": [[2, 4, 3]]}))).data["v"]
    assert np.linalg.norm(np.array(vector.as_py())) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("array", "rows"),
    [
        (np.arange(4).reshape(2, 2), [[0, 1], [2, 3]]),
        (np.arange(2), [[0], [1]]),
        (np.empty((0, 3)), []),
    ],
)
def test_an_array_becomes_a_series_of_lists(array, rows):
    index = ["a", "b"][: len(rows)]
    found = create_list_series_from_1d_or_2d_ar(array, index)
    assert (found.tolist(), list(found.index)) == (rows, index)


def test_an_array_of_three_dimensions_is_refused():
    with pytest.raises(SettingsError, match="no column of lists"):
        create_list_series_from_1d_or_2d_ar(np.empty((1, 1, 1)), [0])
