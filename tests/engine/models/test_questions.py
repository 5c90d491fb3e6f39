"""What a model says, made fit to be stored."""

import pytest

from curator_engine.models.questions import Answer, answer_of, short_name


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  A dog.\n", "A dog."),
        ("<think>hm\nhm</think>\n\nA dog.", "A dog."),
        ("A <think> sign.", "A <think> sign."),
        ("half \ud800 a letter", "half ? a letter"),
    ],
)
def test_a_text_is_stripped_to_what_is_said(text, said):
    assert answer_of(text) == Answer(text=said)


@pytest.mark.parametrize("text", ["", " \n", "<think>nothing</think> "])
def test_nothing_said_is_an_error(text):
    assert answer_of(text).error == "the model said nothing"


def test_a_text_without_end_is_cut():
    assert len(answer_of("a" * 100_000).text) == 20_000


@pytest.mark.parametrize("model", ["Qwen/Qwen2.5-VL-7B", "models/Qwen2.5-VL-7B/", "Qwen2.5-VL-7B"])
def test_captions_are_filed_under_the_last_part_of_a_name(model):
    assert short_name(model) == "Qwen2.5-VL-7B"
