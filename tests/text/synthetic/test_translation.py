"""Texts are translated and scored by a language model, as NeMo Curator's stages do it."""

import json
from typing import Any

import pyarrow as pa
import pytest
from chat_server import Reply, chat_server, question_in, said

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
        ({"backend_type": "deepl"}, "is not llm or one of"),
        ({"backend_type": "aws", "target_lang": "German"}, "is no code"),
        ({"client": None}, "needs client and model_name"),
        ({"dry_run": True}, "use curator-text generate"),
    ],
)
def test_what_is_not_there_is_said(options, message):
    given: dict[str, Any] = {"source_lang": "en", "target_lang": "de", "model_name": "m"}
    client = AsyncOpenAIClient(base_url="http://127.0.0.1:9", api_key="k")
    with pytest.raises(SettingsError, match=message):
        SegmentTranslationStage(**(given | {"client": client} | options))


CHATS = [
    [{"role": "user", "content": "One."}, {"role": "assistant", "content": "Two.\nThree."}],
    [],
]


@pytest.mark.parametrize("as_json", [False, True])
def test_chats_are_translated_by_a_path(as_json):
    given = [json.dumps(each) for each in CHATS] if as_json else CHATS
    columns = {"messages": pa.array(given), "n": pa.array([1, 2])}
    found, asked = ran(
        ["", ""],
        columns,
        text_field="messages.*.content",
        reconstruct_messages=True,
        output_mode="both",
    )
    chats = found["translated_text"].to_pylist()
    if as_json:
        assert found["messages"].to_pylist() == chats
        chats = [json.loads(each) for each in chats]
    assert [[each["content"] for each in chat] for chat in chats] == [["ONE.", "TWO.\nTHREE."], []]
    assert chats[0][0]["role"] == "user"
    assert json.loads(found["translated_messages"][0].as_py()) == chats[0]
    said = json.loads(found["translation_metadata"][0].as_py())
    assert said["translation"] == {"content": ["ONE.", "TWO.\nTHREE."]}
    assert len(asked) == 2
    assert found.schema.field("n").type == pa.int64()


def test_several_fields_are_translated_at_once():
    columns = {"title": pa.array(["a", None])}
    found, _ = ran(["b", "c"], columns, text_field=["title", "text"])
    assert found["title"].to_pylist() == ["A", ""]
    assert found["text"].to_pylist() == ["B", "C"]
    assert json.loads(found["translated_text"][0].as_py()) == {"title": "A", "text": "B"}


def test_parts_of_a_text_go_to_the_messages_of_a_chat():
    columns = {"messages": pa.array([CHATS[0]])}
    found, _ = ran(["x\n---\ny"], columns, reconstruct_messages=True, output_mode="raw")
    made = json.loads(found["translated_messages"][0].as_py())
    assert [each["content"] for each in made] == ["X", "Y"]
    assert "translated_text" not in found.column_names


def test_a_service_translates_each_text_once():
    def model(body):
        return Reply(body={"translations": [text.upper() for text in body["texts"]]})

    batch = DocumentBatch(data=pa.table({"text": ["One.\n```\ncode\n```\nOne.", "One."]}))
    with chat_server(model) as server:
        stage = TranslationStage(
            source_lang="en",
            target_lang="de",
            backend_type="NMT",
            backend_config={"server_url": server.url.removesuffix("/v1")},
        )
        [found] = Pipeline("t", stages=[stage]).run(LocalExecutor(), [batch])
        assert [each["body"]["texts"] for each in server.requests] == [["One."]]
    assert found.data["translated_text"].to_pylist() == ["ONE.\n```\ncode\n```\nONE.", "ONE."]
