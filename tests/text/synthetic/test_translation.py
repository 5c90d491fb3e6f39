"""Texts are translated and scored by a language model, as NeMo Curator's stages do it."""

import json
from typing import Any

import pyarrow as pa
import pytest
from chat_server import chat_server, question_in, said

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.models.llm_client import AsyncOpenAIClient
from curator_engine.pipeline import Pipeline
from curator_text.synthetic.faith_scores import FAITH_KEYS
from curator_text.synthetic.translation import SegmentTranslationStage, TranslationStage
from curator_text.task import DocumentBatch

TEXTS = ["One. Two!\n\n```\ncode\n```\nThree.", "bad", "", "42", None]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")


def translator(body):
    """The text in capitals; 4 for each score, 1 for what is bad."""
    asked = question_in(body)
    if "Judge the translation" in asked:
        return said(json.dumps(dict.fromkeys(FAITH_KEYS, 1 if "BAD" in asked else 4)))
    return said(asked.rpartition("\n\n")[2].upper())


def ran(texts=tuple(TEXTS), columns=None, **options: Any):
    table = pa.table({"text": pa.array(texts, pa.string()), **(columns or {})})
    with chat_server(translator) as server:
        client = AsyncOpenAIClient(base_url=server.url, api_key="k")
        languages = {"source_lang": "en", "target_lang": "German"}
        stage = TranslationStage(client=client, model_name="m", **languages, **options)
        found = Pipeline("t", stages=[stage]).run(LocalExecutor(), [DocumentBatch(data=table)])
    return found[0].data, server.questions


def test_texts_are_replaced_and_code_and_numbers_stay():
    found, _ = ran()
    texts = ["ONE. TWO!\n\n```\ncode\n```\nTHREE.", "BAD", "", "42", ""]
    assert found["translated_text"].to_pylist() == texts
    assert found["text"].to_pylist() == texts
    assert found.column_names == ["text", "translated_text", "translation_errors"]


def test_sentences_are_asked_about_one_by_one_and_short_ones_are_not():
    found, asked = ran(["One. Two!\nThree."], segmentation_mode="fine", min_segment_chars=5)
    assert found["text"].to_pylist() == ["One. Two!\nTHREE."]
    assert len(asked) == 1


def test_bad_translations_go_and_scores_are_kept():
    found, _ = ran(enable_faith_eval=True, output_mode="both", merge_scores=True)
    assert found["faith_avg"].to_pylist() == [4.0, None, None, None]
    first = json.loads(found["translation_metadata"][0].as_py())
    assert first["target_lang"] == "German"
    assert first["faith_scores"]["faith_fluency"] == 4.0
    assert first["segmented_translation"]["text"][-1] == {"src": "Three.", "tgt": "THREE."}
    kept, _ = ran(enable_faith_eval=True, filter_enabled=False)
    assert kept.num_rows == len(TEXTS)


def test_raw_has_the_json_only():
    found, _ = ran(["a b"], output_mode="raw")
    assert found["text"].to_pylist() == ["a b"]
    assert "translated_text" not in found.column_names


def test_rows_with_a_translation_are_left_alone():
    columns = {"translated_text": pa.array(["schon da", None])}
    found, asked = ran(["a b", "c d"], columns, skip_translated=True, enable_faith_eval=True)
    assert found["translated_text"].to_pylist() == ["schon da", "C D"]
    assert len(asked) == 2
    assert "_skip_translated" not in found.column_names


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"target_lang": " "}, "both needed"),
        ({"backend_type": "google"}, "is not offered"),
        ({"client": None}, "needs client and model_name"),
        ({"dry_run": True}, "use curator-text generate"),
    ],
)
def test_what_is_not_there_is_said(options, message):
    given: dict[str, Any] = {"source_lang": "en", "target_lang": "de", "model_name": "m"}
    client = AsyncOpenAIClient(base_url="http://127.0.0.1:9", api_key="k")
    with pytest.raises(SettingsError, match=message):
        SegmentTranslationStage(**(given | {"client": client} | options))
