"""What a guard is asked, and what its answer means."""

import pytest

from curator_engine.errors import InputError
from curator_text.classifiers.safety_prompt import (
    AEGIS_CLASSES,
    asked,
    format_aegis,
    label_in,
    prompt_template,
)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("safe", "safe"),
        (" safe \nmore", "safe"),
        ("unsafe\nO3", "O3"),
        ("unsafe\n O13 \n", "O13"),
        ("unsafe", "unknown"),
        ("unsafe\nO14", "unknown"),
        ("it depends", "unknown"),
        ("", "unknown"),
    ],
)
def test_an_answer_is_a_class_or_unknown(answer, label):
    assert label_in(answer) == label


def test_our_question_names_all_classes_and_holds_the_text_as_it_is():
    question = asked("a {text} of {braces}")
    assert all(f"{code}: " in question for code in AEGIS_CLASSES)
    assert "a {text} of {braces}" in question
    assert format_aegis("a") == asked("a")


def test_a_question_of_ones_own_needs_a_place_for_the_text(tmp_path):
    file = tmp_path / "prompt.txt"
    file.write_text("Is this safe? {text}", "utf-8")
    assert asked("x", prompt_template(str(file))) == "Is this safe? x"
    file.write_text("Is this safe?", "utf-8")
    with pytest.raises(InputError, match=r"has no .text. for"):
        prompt_template(str(file))
    with pytest.raises(InputError, match="cannot be read"):
        prompt_template(str(tmp_path / "none"))
