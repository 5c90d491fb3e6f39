"""Texts are compared by BLEU, chrF and TER as sacrebleu computes them."""

from typing import Any

import pyarrow as pa
import pytest
import sacrebleu

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_text.synthetic.translation_quality import (
    TextQualityMetricStage,
    compute_text_quality_metric,
)
from curator_text.task import DocumentBatch

TEXT, OTHER = "the cat sat on the mat", "the cat is on a mat today"
METRICS: list[dict[str, Any]] = [
    {"type": "sacrebleu", "threshold": 50},
    {"type": "chrf", "threshold": 60.0},
    {"type": "ter", "threshold": 10},
]


def test_scores_are_sacrebleus():
    found = [compute_text_quality_metric(OTHER, TEXT, each["type"], 20) for each in METRICS]
    expected = [
        sacrebleu.sentence_bleu(OTHER, [TEXT]).score,
        sacrebleu.sentence_chrf(OTHER, [TEXT]).score,
        sacrebleu.sentence_ter(OTHER, [TEXT]).score,
    ]
    assert [score for score, _ in found] == expected
    # Of TER less is better.
    assert [good for _, good in found] == [expected[0] >= 20, True, expected[2] <= 20]


@pytest.mark.parametrize("filtered", [False, True])
def test_rows_have_scores_and_the_bad_may_go(filtered):
    table = pa.table({"text": [TEXT, TEXT, None], "backtranslated_text": [TEXT, OTHER, "x"]})
    stage = TextQualityMetricStage(metrics=METRICS, filter_enabled=filtered)
    pipeline = Pipeline("q", stages=[stage])
    [found] = pipeline.run(LocalExecutor(), [DocumentBatch(data=table)])
    passed = found.data["is_quality_metric_passed"].to_pylist()
    assert passed == ([True] if filtered else [True, False, False])
    assert found.data["score_ter_passed"].to_pylist()[0] is True
    assert set(stage.outputs()[1]) <= set(found.data.column_names)


def test_without_measures_everything_passes():
    batch = DocumentBatch(data=pa.table({"text": ["a"], "backtranslated_text": ["b"]}))
    found = TextQualityMetricStage().process(batch)
    assert found is not None
    assert found.data["is_quality_metric_passed"].to_pylist() == [True]


def test_unknown_measures_are_refused():
    with pytest.raises(SettingsError, match="none of sacrebleu"):
        compute_text_quality_metric("a", "b", "comet", 1)
    with pytest.raises(SettingsError, match="needs a type"):
        TextQualityMetricStage(metrics=[{"type": "chrf"}])
