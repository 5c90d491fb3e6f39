import json
import random
from collections import Counter

import pytest

from curator_engine.errors import SettingsError
from curator_image.synthetic.conversation import ImageMedia
from curator_image.synthetic.dense_qa import (
    OCRDenseQAStage,
    build_conversation,
    build_dense_conversation,
    build_qa_tagged,
)
from curator_image.synthetic.ocr_data import OCRConversationData, OCRData, OCRDenseItem
from curator_image.task import ImageSampleTask


def pieces(count, *, invalid=0, text="WORD{}"):
    return [
        OCRDenseItem(
            bbox_2d=(9 * i, 10, 9 * i + 8, 30), text_content=text.format(i), valid=i >= invalid
        )
        for i in range(count)
    ]


def data_of(words):
    return OCRData(image_path="in/a.jpg", image_id="a", ocr_dense=words)


def test_a_question_about_each_text_that_follows_from_the_id():
    tagged, _ = build_qa_tagged(data_of(pieces(60)), "7")
    assert len(tagged) == 60
    assert set(Counter(kind for kind, *_ in tagged)) == {
        "bbox_to_text",
        "point_to_text",
        "text_to_bbox",
        "text_to_point",
    }
    assert build_qa_tagged(data_of(pieces(60)), "7")[0] == tagged
    assert build_qa_tagged(data_of(pieces(60)), "8")[0] != tagged


def test_the_answers_are_true():
    for kind, question, answer in build_qa_tagged(data_of(pieces(60)), "1")[0]:
        number = next(i for i in range(59, -1, -1) if f"WORD{i}" in question + answer)
        if kind.endswith("to_text"):
            assert answer == f"WORD{number}"
            assert str(9 * number + (0 if kind.startswith("bbox") else 4)) in question
        else:
            assert f'"WORD{number}"' in question
            assert str(9 * number + (8 if kind.endswith("bbox") else 4)) in answer


def test_a_text_that_is_there_twice_has_all_its_places_in_the_order_that_is_asked_for():
    tagged = [
        each
        for seed in range(200)
        for each in build_qa_tagged(data_of(pieces(3, text="SAME")), str(seed))[0]
    ]
    assert len(tagged) == 200
    back = [answer for _, question, answer in tagged if "from right to left" in question]
    lines = [each.splitlines() for each in back if "\n" in each]
    assert lines
    assert all(each[0].strip("[").startswith(("18", "22")) for each in lines)


def test_where_a_text_is_is_not_asked_if_much_was_found_wrong():
    tagged, _ = build_qa_tagged(data_of(pieces(60, invalid=3)), "1")
    assert len(tagged) == 57
    assert {kind for kind, *_ in tagged} == {"bbox_to_text", "point_to_text"}


def test_a_conversation_has_at_most_a_hundred_questions_of_all_kinds():
    tagged, draw = build_qa_tagged(data_of(pieces(400)), "1")
    sample = build_conversation(tagged, draw, "a.jpg")
    assert sample is not None
    messages = sample.conversation
    assert len(messages) == 200
    assert messages[0].fragments[0] == ImageMedia(value="a.jpg")
    assert [each.sender for each in messages[:3]] == ["user", "assistant", "user"]
    asked = {str(each.fragments[-1]) for each in messages[::2]}
    kinds = Counter(kind for kind, question, _ in tagged if question in asked)
    assert set(kinds.values()) == {25}
    assert build_conversation([], draw, "a.jpg") is None


def test_all_the_text_in_one_answer():
    sample = build_dense_conversation(pieces(3), random.Random(5), "a.jpg")
    (asked, answered) = sample.conversation
    assert asked.fragments[0] == ImageMedia(value="a.jpg")
    assert all(f"WORD{i}" in str(answered.fragments[0]) for i in range(3))


def run(words, *, is_valid=True, **options):
    data = data_of(words)
    data.is_valid = is_valid
    task = ImageSampleTask(data=data, task_id="0_1")
    return OCRDenseQAStage(**options).process(task).data


def test_the_stage_asks_about_valid_pieces_only():
    found = run(pieces(4, invalid=1))
    assert isinstance(found, OCRConversationData)
    assert found.conversation is not None
    assert len(found.conversation.conversation) == 6
    assert "WORD0" not in json.dumps(found.conversation.to_dict())


def test_the_stage_may_ask_for_all_the_text():
    found = run(pieces(4), dense_dump_prob=1.0)
    assert isinstance(found, OCRConversationData)
    assert found.conversation is not None
    assert len(found.conversation.conversation) == 2
    with pytest.raises(SettingsError, match="dense_dump_prob from 0 to 1, not 2"):
        OCRDenseQAStage(dense_dump_prob=2)


def test_a_picture_without_text_has_no_conversation_and_a_failed_one_is_left_alone():
    found = run([])
    assert isinstance(found, OCRConversationData)
    assert found.conversation is None
    assert type(run(pieces(1), is_valid=False)) is OCRData
