"""A model in this process answers about each text."""

import pyarrow as pa
import pytest
from language_models import write_llama

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.synthetic.clean_up import LLMCleanupStage
from curator_text.task import DocumentBatch


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return str(write_llama(tmp_path_factory.mktemp("models") / "tiny-llama"))


def ran(stage, **columns):
    batch = DocumentBatch(data=pa.table({"text": ["a b", None, "c"], **columns}))
    [found] = Pipeline("p", stages=[stage]).run(LocalExecutor(), [batch])
    return found.data


def stage_of(model, **options):
    return LLMCleanupStage(
        model=model, system_prompt="Clean {text}", max_tokens=4, device="cpu", **options
    )


def test_answers_become_a_column(model):
    found = ran(stage_of(model, backend="transformers"))
    assert found.column_names == ["text", "cleaned_text"]
    assert found["cleaned_text"].null_count == 0


def test_labels_stand_instead_of_texts_and_long_texts_are_dropped(model):
    found = ran(stage_of(model, classification=True, max_model_len=10), n_tokens=[3, 9, 7])
    assert found.column_names == ["label"]
    assert found.num_rows == 2


def test_what_is_missing_is_said(model):
    with pytest.raises(SettingsError, match=r"has no .text."):
        LLMCleanupStage(model=model, system_prompt="Clean")
    with pytest.raises(SettingsError, match="max_model_len is needed"):
        stage_of(model)._that_fit(pa.table({"text": ["a"], "n_tokens": [1]}))
