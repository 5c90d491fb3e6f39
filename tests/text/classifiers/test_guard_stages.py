"""NeMo Curator's classifiers of safety as stages of a pipeline, with models from folders."""

from typing import Any

import pyarrow as pa
import pytest
from tiny_classifiers import TEXTS

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.classifiers.guard_stages import (
    AegisClassifier,
    InstructionDataGuardClassifier,
    PostProcessAegisResponsesStage,
)
from curator_text.task import DocumentBatch

SCORE = "instruction_data_guard_poisoning_score"


def ran(stage, texts=tuple(TEXTS), **columns):
    batch = DocumentBatch(data=pa.table({"text": list(texts), **columns}))
    [found] = Pipeline("classify", stages=[stage]).run(LocalExecutor(), [batch])
    return found.data


def aegis(guards, **given: Any):
    folder = guards["aegis"]
    files = {"aegis_variant": folder, "base_model": f"{folder}/base"}
    return AegisClassifier(device="cpu", **files, **given)


def poison(guards, **given: Any):
    folder = guards["poison"]
    files = {"head_model": folder, "base_model": f"{folder}/base"}
    adapter = f"{folder}/adapter"
    return InstructionDataGuardClassifier(aegis_variant=adapter, device="cpu", **files, **given)


def test_aegis_adds_a_label_and_the_answer_if_it_is_wanted(guards):
    found = ran(aegis(guards, keep_raw_output=True), texts=["a"])
    assert found.column_names == ["text", "_aegis_raw_pred", "aegis_pred"]
    assert found["aegis_pred"].to_pylist() == ["unknown"]


def test_a_question_that_is_there_is_asked(guards):
    found = ran(aegis(guards, aegis_prompt_field="q", filter_by=["unknown"]), texts=["a"], q=["a"])
    assert found.column_names == ["text", "aegis_pred"]


def test_answers_become_labels():
    stage = PostProcessAegisResponsesStage()
    found = ran(stage, TEXTS, _aegis_raw_pred=["safe", "unsafe\nO2", None, "x", "safe", "unsafe"])
    labels = ["safe", "O2", "unknown", "unknown", "safe", "unknown"]
    assert found["aegis_pred"].to_pylist() == labels


def test_poison_adds_a_label_and_a_score_and_keeps_labels(guards):
    found = ran(poison(guards))
    assert found.column_names == ["text", "is_poisoned", SCORE]
    labels = found["is_poisoned"].to_pylist()
    assert labels == [score >= 0.5 for score in found[SCORE].to_pylist()]
    kept = ran(poison(guards, filter_by=["False"]))
    assert kept["text"].to_pylist() == [
        text for text, label in zip(TEXTS, labels, strict=True) if not label
    ]


def test_labels_to_keep_are_true_or_false(guards):
    with pytest.raises(SettingsError, match="not of True and False"):
        poison(guards, filter_by=["yes"]).decompose()


def test_a_token_is_handed_on_and_not_shown(guards):
    stages = poison(guards, hf_token="hf_secret").decompose()
    assert [getattr(stage, "hf_token", None) for stage in stages] == ["hf_secret", "hf_secret"]
    assert "secret" not in repr(stages)
    assert getattr(poison(guards, hf_token=True).decompose()[0], "hf_token", "") is None
