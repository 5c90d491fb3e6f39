"""A model that judges pieces of text: a server on the loopback address."""

import json

import pytest
from chat_server import chat_server, said
from image_drawings import photo

from curator_engine.errors import SettingsError
from curator_engine.models.nv_client import NVInferenceClient
from curator_image.synthetic.ocr_data import OCRConversationData, OCRData, OCRDenseItem
from curator_image.synthetic.score_boxes import OCRScoringQAStage, json_object_in
from curator_image.task import ImageSampleTask


def task_of(count, **more):
    pieces = [
        OCRDenseItem(bbox_2d=[100 * i, 5, 100 * i + 90, 50], text_content=f"WORD{i}")
        for i in range(count)
    ]
    data = OCRData(image_path="in/a.jpg", image_id="a", ocr_dense=pieces, **more)
    return ImageSampleTask(data=data, task_id="0_1")


def judged(*scores, mode="word", missing=()):
    text = [
        {"idx": i, "bbox_match": fits, "text_errors": errors}
        for i, (fits, errors) in enumerate(scores)
    ]
    return json.dumps({"ocr_mode": mode, "text": text, "missing_text": list(missing)})


def handled(response, *, count=2, **options):
    return OCRScoringQAStage(**options).handle_response(task_of(count), response).data


def test_the_question_has_all_pieces_with_the_top_first():
    task = task_of(2)
    stage = OCRScoringQAStage(model_id="judge")
    prompt = stage.build_prompt(task)
    assert '{"idx": 1, "bbox_2d": [5, 100, 50, 190], "text": "WORD1"}' in prompt
    assert (task.data.ocr_scoring_prompt, task.data.ocr_scoring_model) == (prompt, "judge")


def test_pieces_that_pass_are_asked_about():
    found = handled(judged((5, 0), (4, 0), (10, 1), (9, "0")), count=5)
    assert found.ocr_dense is not None
    assert [each.valid for each in found.ocr_dense] == [True, False, False, True, False]
    assert [each.bbox_match for each in found.ocr_dense] == [5, 4, 10, 9, None]
    assert isinstance(found, OCRConversationData)
    talk = json.dumps(found.conversation.to_dict()) if found.conversation else ""
    assert all((f"WORD{i}" in talk) == (i in (0, 3)) for i in range(5))


def test_all_the_text_is_asked_for_only_if_nothing_is_missing():
    whole = handled(judged((9, 0), (9, 0)), dense_dump_prob=1.0)
    assert isinstance(whole, OCRConversationData)
    assert whole.conversation is not None
    assert len(whole.conversation.conversation) == 2
    missing = {"text": "GONE", "bbox_2d": [1, 2, 3, 4]}
    part = handled(judged((9, 0), (9, 0), missing=[missing]), dense_dump_prob=1.0)
    assert isinstance(part, OCRConversationData)
    assert part.conversation is not None
    assert len(part.conversation.conversation) == 4
    assert part.ocr_scoring_missing == [missing]


def test_what_the_model_takes_the_pieces_for_is_kept():
    assert handled(judged((9, 0), mode="word")).ocr_is_word_level
    assert not handled(judged((9, 0), mode="line")).ocr_is_word_level
    assert handled(judged((9, 0), mode="")).ocr_scoring_mode == "unknown"


@pytest.mark.parametrize(
    ("response", "options", "why"),
    [
        ("", {}, "no JSON object in the answer ''"),
        ("[1, 2]", {}, "no JSON object"),
        (judged((4, 0)), {}, "no piece of text has bbox_match of at least 5 and at most 0"),
        (
            judged((9, 0), missing=[{"text": "x"}]),
            {"fail_on_missing_text": True},
            "1 pieces of text are missing",
        ),
        ('{"text": [5, {"idx": "x"}, {"idx": 0, "bbox_match": 1e999}]}', {}, "no piece of text"),
    ],
)
def test_a_sample_that_fails_has_its_reason(response, options, why):
    found = handled(response, **options)
    assert not found.is_valid
    assert why in (found.error or "")
    assert found.ocr_scoring_response_raw == (response or None)


def test_an_object_is_found_in_whatever_stands_around_it():
    assert json_object_in('Sure {x}: ```json\n{"a": {"b": 1}}\n```') == {"a": {"b": 1}}
    assert json_object_in('<think>{"a": 0}</think>{"a": 1}') == {"a": 1}
    assert json_object_in("{broken") is None


def test_settings_are_looked_at():
    stage = OCRScoringQAStage()
    assert (stage.batch_size, stage.max_tokens, stage.temperature) == (16, 16384, 1.0)
    assert OCRScoringQAStage(batch_size=3).batch_size == 3
    with pytest.raises(SettingsError, match="dense_dump_prob from 0 to 1"):
        OCRScoringQAStage(dense_dump_prob=-1)


def test_the_model_behind_a_server_is_asked_unless_there_is_no_text(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    photo().resize((32, 32)).save(tmp_path / "a.png")
    given = [task_of(1), task_of(0)]
    for task in given:
        task.data.image_path = tmp_path / "a.png"
    with chat_server(lambda body: said(judged((8, 0)))) as server:
        stage = OCRScoringQAStage(client=NVInferenceClient(base_url=server.url), model_id="judge")
        stage.setup()
        found = [each.data for each in stage.process_batch(given)]
    assert len(server.questions) == 1
    assert server.questions[0]["model"] == "judge"
    assert [getattr(each, "conversation", None) is None for each in found] == [False, True]
    assert all(each.is_valid for each in found)
