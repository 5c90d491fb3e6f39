"""NeMo Curator's classifiers as stages of a pipeline, with models from folders."""

from typing import Any

import pyarrow as pa
import pytest
from tiny_classifiers import LABELS, TEXTS

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.classifiers import composites
from curator_text.task import DocumentBatch

PROMPT = ["prompt_complexity_score", "task_type_1", "task_type_2", "task_type_prob"]
CASES = {
    "DomainClassifier": ("labels", ["domain_pred"]),
    "MultilingualDomainClassifier": ("labels", ["multilingual_domain_pred"]),
    "QualityClassifier": ("labels", ["quality_pred"]),
    "ContentTypeClassifier": ("labels", ["content_pred"]),
    "FineWebEduClassifier": (
        "score",
        [f"fineweb-edu-score-{n}" for n in ("float", "int", "label")],
    ),
    "FineWebMixtralEduClassifier": (
        "score",
        [f"fineweb-mixtral-edu-score-{n}" for n in ("float", "int", "label")],
    ),
    "FineWebNemotronEduClassifier": (
        "score",
        [f"fineweb-nemotron-edu-score-{n}" for n in ("float", "int", "label")],
    ),
    "FineMathClassifier": ("score", ["finemath_scores", "finemath_int_scores"]),
    "PromptTaskComplexityClassifier": ("prompt", PROMPT),
}


def ran(stage, texts=TEXTS):
    batch = DocumentBatch(data=pa.table({"text": texts}))
    [found] = Pipeline("classify", stages=[stage]).run(LocalExecutor(), [batch])
    return found.data


@pytest.mark.parametrize("name", CASES)
def test_each_adds_its_columns(classifiers, name):
    kind, columns = CASES[name]
    stage = getattr(composites, name)(model_identifier=classifiers[kind], device="cpu")
    found = ran(stage)
    assert found.column_names[: 1 + len(columns)] == ["text", *columns]
    assert found.num_rows == len(TEXTS)
    assert found["text"].to_pylist() == TEXTS


def test_labels_are_kept_by_their_names(classifiers):
    given: dict[str, Any] = {"model_identifier": classifiers["labels"], "device": "cpu"}
    labels = ran(composites.QualityClassifier(**given))["quality_pred"].to_pylist()
    wanted = next(label for label in LABELS if label in labels)
    found = ran(composites.QualityClassifier(filter_by=[wanted], **given))
    kept = [text for text, label in zip(TEXTS, labels, strict=True) if label == wanted]
    assert found["text"].to_pylist() == kept


def test_tokens_of_one_serve_another(classifiers):
    given: dict[str, Any] = {"model_identifier": classifiers["labels"], "device": "cpu"}
    stages = [
        composites.DomainClassifier(keep_tokens=True, **given),
        composites.QualityClassifier(use_existing_tokens=True, **given),
    ]
    batch = DocumentBatch(data=pa.table({"text": TEXTS}))
    [found] = Pipeline("both", stages=stages).run(LocalExecutor(), [batch])
    assert found.data["domain_pred"] == found.data["quality_pred"]
    assert "input_ids" not in found.data.column_names


def test_scores_of_prompts_are_not_kept_by_labels():
    with pytest.raises(SettingsError, match="takes no filter_by"):
        composites.PromptTaskComplexityClassifier(filter_by=["Chat"])


def test_maths_are_looked_at_in_the_middle(classifiers):
    stage = composites.FineMathClassifier(
        model_identifier=classifiers["score"], device="cpu", center_crop_chars=2
    )
    assert ran(stage, ["abcdefgh"])["text"].to_pylist() == ["cdef"]
