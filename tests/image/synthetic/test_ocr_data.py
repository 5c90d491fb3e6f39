from pathlib import Path

import pytest

from curator_engine.errors import InputError
from curator_image.synthetic.conversation import ConversationSample, Message
from curator_image.synthetic.ocr_data import OCRConversationData, OCRData, OCRDenseItem


def piece(left, top, text, **more):
    return OCRDenseItem(bbox_2d=(left, top, left + 10, top + 5), text_content=text, **more)


def test_pieces_are_joined_by_the_box_around_them():
    joined = OCRDenseItem.join([piece(50, 7, "new"), piece(5, 9, "world")])
    assert (joined.bbox_2d, joined.text_content) == ([5, 7, 60, 14], "new world")
    assert OCRDenseItem.join([piece(1, 1, "a"), piece(2, 2, "b")], "\n").text_content == "a\nb"
    assert not OCRDenseItem.join([]).valid


def test_a_record_becomes_the_data_again():
    talk = ConversationSample(conversation=[Message(sender="user", fragments=["What?"])])
    data = OCRConversationData(
        image_path=Path("in/a.jpg"),
        image_id="a",
        ocr_is_word_level=False,
        ocr_dense=[piece(1, 2, "x", bbox_match=7, quad=[(1, 2), (3, 4), (5, 6), (7, 8)])],
        ocr_scoring_missing=[{"text": "y", "bbox_2d": [1, 2, 3, 4]}],
        conversation=talk,
    )
    record = data.to_dict()
    assert record["conversation"] == talk.to_dict()
    assert OCRConversationData.from_dict(record) == data
    assert OCRData.from_dict(record).ocr_dense == data.ocr_dense


def test_what_a_record_lacks_is_as_it_is_unless_given():
    found = OCRData.from_dict(
        {"image_path": "a.jpg", "ocr_dense": [{"text_content": None}], "x": 1}
    )
    assert found.ocr_dense == [OCRDenseItem(bbox_2d=[0, 0, 0, 0], text_content="")]
    assert found.ocr_is_word_level
    with pytest.raises(InputError, match="has an image_path"):
        OCRData.from_dict({})


def test_data_gets_room_for_a_conversation():
    data = OCRData(image_path="a.jpg", image_id="a", ocr_dense=[piece(1, 2, "x")])
    roomy = OCRConversationData.of(data)
    assert (roomy.image_id, roomy.ocr_dense, roomy.conversation) == ("a", data.ocr_dense, None)
    assert OCRConversationData.of(roomy) is roomy
