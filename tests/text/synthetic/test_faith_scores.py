"""Scores of translations, and who goes by them."""

from typing import Any

import pyarrow as pa
import pytest
from chat_server import chat_server, question_in, said

from curator_engine.errors import SettingsError
from curator_engine.models.llm_client import AsyncOpenAIClient
from curator_text.synthetic.faith_scores import (
    FAITH_KEYS,
    FaithEvalFilter,
    FaithThresholdFilterStage,
)
from curator_text.task import DocumentBatch


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def judge(body):
    asked = question_in(body)
    if "broken" in asked:
        return said("I like it")
    marks = [5, 4, 3, 0, 0] if "good" in asked else [1, 1, 1, 1, 1]
    return said(str(dict(zip(FAITH_KEYS, marks, strict=True))).replace("'", '"'))


def test_low_scores_go_and_those_that_cannot_be_read_stay():
    table = pa.table({"text": ["good", "x", "broken", ""], "translated_text": ["a", "b", "c", ""]})
    with chat_server(judge) as server:
        client = AsyncOpenAIClient(base_url=server.url, api_key="k")
        given: dict[str, Any] = {"source_lang": "en", "target_lang": "de", "model_name": "m"}
        stage = FaithEvalFilter(client=client, **given)
        stage.setup()
        found = stage.process(DocumentBatch(data=table))
    assert found is not None
    assert found.data["text"].to_pylist() == ["good", "broken", ""]
    assert found.data["faith_avg"].to_pylist() == [4.0, 0.0, None]
    assert found.data["faith_parse_failed"].to_pylist() == [False, True, False]
    assert FaithThresholdFilterStage(threshold=4.5).drop_batch(found.data) == [
        "low FAITH score",
        None,
        None,
    ]


def test_without_a_client_it_says_so():
    with pytest.raises(SettingsError, match="needs client and model_name"):
        FaithEvalFilter(source_lang="en", target_lang="de", model_name="m")
