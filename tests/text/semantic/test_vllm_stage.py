"""Texts of batches get embeddings by vLLM, whose place a module takes."""

import sys
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.task import DocumentBatch

Stage: Any = import_module("curator_text.semantic.vllm_stage").VLLMEmbeddingModelStage


class LLM:
    def __init__(self, *, model, runner, seed):
        self.model_config = SimpleNamespace(max_model_len=3)

    def get_tokenizer(self):
        return lambda texts: {"input_ids": [[len(text)] for text in texts]}

    def embed(self, prompts, *, use_tqdm=True):
        rows = [[3.0 * bool(each["prompt_token_ids"][0]), 4.0] for each in prompts]
        return [SimpleNamespace(outputs=SimpleNamespace(embedding=row)) for row in rows]


@pytest.mark.parametrize("kind", ["float16", "float32"])
def test_vectors_stand_beside_the_columns_that_were_asked_for(monkeypatch, kind):
    module = ModuleType("vllm")
    vars(module).update(LLM=LLM)
    monkeypatch.setitem(sys.modules, "vllm", module)
    stage = Stage("org/tiny", {"seed": 1}, metadata_fields=["id"], embedding_output_dtype=kind)
    stage.setup()
    batch = stage.process(DocumentBatch(data=pa.table({"id": [1, 2], "text": ["a", None]})))
    assert batch.data.column_names == ["id", "embeddings"]
    assert batch.data.schema.field("embeddings").type == pa.list_(pa.from_numpy_dtype(kind))
    assert batch.data.column("embeddings").to_pylist()[1] == [0.0, 1.0]
    stage.teardown()


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({"hf_token": "x"}, "set HF_TOKEN in the environment"),
        ({"cache_dir": "x"}, "set HF_HOME in the environment"),
        ({"model_inference_batch_size": -1}, "model_inference_batch_size=-1 is below 0"),
    ],
)
def test_what_is_not_offered_says_what_to_do(options, line):
    with pytest.raises(SettingsError, match=line):
        Stage("org/tiny", **options)
