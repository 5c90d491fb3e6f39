"""What is said of a translation, and chats with translated messages."""

import json

import pytest

from curator_text.synthetic.translation_metadata import (
    build_translation_metadata,
    merge_faith_scores_into_metadata,
    reconstruct_messages_with_translation,
)

CHAT = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]


def test_metadata_has_a_text_or_a_map_and_takes_scores():
    plain = json.loads(build_translation_metadata("de", "Hallo"))
    assert plain == {
        "target_lang": "de",
        "translation": {"content": "Hallo"},
        "segmented_translation": [],
    }
    mapped = build_translation_metadata("de", None, {"text": "x"}, {"text": []})
    scored = json.loads(merge_faith_scores_into_metadata(mapped, {"Fluency": 4}))
    assert (scored["translation"], scored["faith_scores"]) == ({"text": "x"}, {"Fluency": 4})
    assert json.loads(merge_faith_scores_into_metadata("no json", {})) == {"faith_scores": {}}


@pytest.mark.parametrize(
    ("translated", "texts"),
    [
        ("A\n---\nB", ["A", "B"]),
        ("A", ["A", "b"]),
        ("A\n---\nB\n---\nC", ["A", "B"]),
        (json.dumps([{"content": "X"}, {"content": "Y"}]), ["X", "Y"]),
        (None, ["", "b"]),
    ],
)
def test_messages_get_their_parts(translated, texts):
    made = reconstruct_messages_with_translation(CHAT, translated)
    assert [each["content"] for each in made] == texts
    assert CHAT[0]["content"] == "a"


def test_no_messages_stay_none():
    assert reconstruct_messages_with_translation([], '[{"content": "x"}]') == []
