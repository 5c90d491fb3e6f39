import pytest

from curator_engine.errors import InputError
from curator_image.synthetic.conversation import (
    AudioMedia,
    ConversationSample,
    ImageMedia,
    Media,
    Message,
    VideoMedia,
)


def test_a_conversation_survives_json():
    media: list[Media | str] = [
        ImageMedia(value="a.jpg"),
        VideoMedia(value="b.mp4", start_time=1.5, end_time=2),
        AudioMedia(value="c.wav"),
        "What is it?",
    ]
    sample = ConversationSample(
        conversation=[
            Message(sender="system", fragments=["Be brief."]),
            Message(sender="user", fragments=media),
            Message(sender="assistant", fragments=["A dog."]),
        ]
    )
    record = sample.to_dict()
    assert record["conversation"][1]["fragments"][0] == {"t": "image", "value": "a.jpg"}
    assert ConversationSample.from_dict(record) == sample


def test_a_kind_may_be_called_type_and_nothing_is_an_empty_conversation():
    record = {"sender": "user", "fragments": [{"type": "audio", "value": "c.wav"}]}
    found = ConversationSample.from_dict({"conversation": [record]})
    assert found.conversation[0].fragments == [AudioMedia(value="c.wav")]
    assert ConversationSample.from_dict({}).conversation == []


@pytest.mark.parametrize(
    ("messages", "why"),
    [
        ("hello", "list of messages"),
        (["hello"], "a message has a sender"),
        ([{"sender": "dog", "fragments": []}], "a message has a sender"),
        ([{"sender": "user", "fragments": "hi"}], "a message has a sender"),
        ([{"sender": "user", "fragments": [5]}], "a fragment is a text"),
        ([{"sender": "user", "fragments": [{"t": "smell"}]}], "a fragment is a text"),
        (
            [{"sender": "user", "fragments": [{"t": "image", "path": "x"}]}],
            "other fields than path",
        ),
    ],
)
def test_another_form_is_an_input_error(messages, why):
    with pytest.raises(InputError, match=why):
        ConversationSample.from_dict({"conversation": messages})
