"""Text models, with a tiny random one that the test builds and saves."""

import numpy as np
import pytest
from language_models import write_llama

from curator_engine.errors import InputError
from curator_engine.models.questions import Question
from curator_engine.models.text_language import TextLanguageModel


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = write_llama(tmp_path_factory.mktemp("models") / "tiny-llama")
    return TextLanguageModel(str(folder), device="cpu", max_tokens=6)


def test_questions_together_are_answered_as_alone(model):
    asked = [Question(prompt="short"), Question(prompt="much longer than the other" * 5)]
    assert model.answer(asked) == [model.answer([each])[0] for each in asked]


def test_what_it_says_depends_on_the_question(model):
    answers = model.answer([Question(prompt=letter * 3) for letter in "abcdefgh"])
    assert len(np.unique([answer.text for answer in answers])) > 1


def test_a_folder_without_a_model_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"^the model '.*' cannot be loaded \(.*\); check it\.$"):
        TextLanguageModel(str(tmp_path), device="cpu")
