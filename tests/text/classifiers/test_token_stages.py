"""The stages that make tokens and ask a model."""

from typing import Any

import pyarrow as pa
import pytest
from tiny_classifiers import LABELS, TEXTS

from curator_engine.errors import SettingsError
from curator_text.classifiers.token_stages import (
    ClassifierModelStage,
    SortByLengthStage,
    TokenizerStage,
)
from curator_text.task import DocumentBatch


def ran(stage, table):
    stage.setup()
    try:
        return stage.process(DocumentBatch(data=table)).data
    finally:
        stage.teardown()


@pytest.fixture(scope="module")
def tokens(classifiers):
    texts = pa.table({"n": range(len(TEXTS) + 1), "text": [*TEXTS, None]})
    return ran(TokenizerStage(model_identifier=classifiers["labels"]), texts)


def test_rows_keep_their_order_and_columns(classifiers, tokens):
    stage = ClassifierModelStage(
        model_identifier=classifiers["labels"], score_field="probs", model_inference_batch_size=2
    )
    found = ran(stage, tokens)
    assert found.column_names == ["n", "text", "preds", "probs"]
    assert found["n"].to_pylist() == list(range(len(TEXTS) + 1))
    assert set(found["preds"].to_pylist()) <= set(LABELS)
    assert found["preds"][2] == found["preds"][6]
    probs: list[Any] = found["probs"].to_pylist()
    assert all(abs(sum(each) - 1) < 1e-5 for each in probs)


def test_tokens_can_be_kept_and_cut(classifiers, tokens):
    stage = ClassifierModelStage(
        model_identifier=classifiers["labels"], keep_tokens=True, max_seq_length=2
    )
    found = ran(stage, tokens)
    assert found["input_ids"].to_pylist() == tokens["input_ids"].to_pylist()


@pytest.mark.parametrize("wrong", [{"cache_dir": "x"}, {"padding_side": "left"}], ids=str)
def test_what_is_not_offered_is_refused(wrong):
    with pytest.raises(SettingsError, match="is not offered here"):
        ClassifierModelStage(model_identifier="m", **wrong)


def test_one_worker_where_a_network_computes_on_the_cpu(classifiers):
    assert ClassifierModelStage(model_identifier="m", device="cpu").num_workers() == 1


def test_rows_are_sorted_by_the_mask_where_there_is_one():
    table = pa.table({"attention_mask": [[1, 1, 0], [1, 0, 0]], "n": [0, 1]})
    found = ran(SortByLengthStage(), table)
    assert found["n"].to_pylist() == [1, 0]
    with pytest.raises(SettingsError, match="to sort by"):
        ran(SortByLengthStage(), pa.table({"n": [0]}))


def test_stages_are_called_after_their_model():
    assert (
        TokenizerStage(model_identifier="nvidia/domain-classifier").name
        == "domain_classifier_tokenizer"
    )
    assert ClassifierModelStage(model_identifier="org/My-Model").name == "my_model_model"
