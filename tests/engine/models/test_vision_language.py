"""Vision-language models, with tiny random ones that the test builds and saves.

The processors of Qwen's models need torchvision; where that is missing LLaVA, whose processor does not,
is the smallest architecture that goes the same way.
"""

import importlib.util

import numpy as np
import pytest
from language_models import write_llava, write_qwen2_vl, write_qwen3_vl

from curator_engine.errors import InputError, ResourceError
from curator_engine.models.questions import Frames, Question
from curator_engine.models.vision_language import VisionLanguageModel

TORCHVISION = importlib.util.find_spec("torchvision") is not None
needs_torchvision = pytest.mark.skipif(not TORCHVISION, reason="needs torchvision")


def question(seed: int, *, frames: int = 3, prompt: str = "What is it?") -> Question:
    pictures = np.random.default_rng(seed).integers(0, 256, (frames, 36, 64, 3), np.uint8)
    return Question(
        prompt=prompt,
        frames=Frames(pictures=pictures, times=tuple(i / 2 for i in range(frames))),
    )


QWEN = [pytest.param(name, marks=needs_torchvision) for name in ("qwen2-vl", "qwen3-vl")]


@pytest.fixture(scope="module", params=["llava", *QWEN])
def folder(request, tmp_path_factory):
    writers = {"llava": write_llava, "qwen2-vl": write_qwen2_vl, "qwen3-vl": write_qwen3_vl}
    write = writers[request.param]
    return write(tmp_path_factory.mktemp("models") / request.param)


@pytest.fixture(scope="module")
def model(folder):
    return VisionLanguageModel(str(folder), device="cpu", max_tokens=8)


def test_a_model_in_a_folder_describes_pictures(model):
    (answer,) = model.answer([question(1)])
    assert answer.text
    assert not answer.error


def test_its_name_is_the_last_part_of_the_folder(folder, model):
    assert model.name == folder.name


def test_what_it_says_depends_on_the_pictures(model):
    texts = {answer.text for answer in model.answer([question(seed) for seed in range(6)])}
    assert len(texts) > 1


def test_questions_of_any_length_together_are_answered_as_alone(model):
    asked = [question(1), question(2, frames=5, prompt="Longer?" * 9), question(3, frames=1)]
    answers = model.answer(asked)
    assert answers == [model.answer([each])[0] for each in asked]
    assert [answer.error for answer in answers] == [""] * 3


def test_a_question_that_fails_leaves_the_others_alone(model):
    broken = Question(
        prompt="?", frames=Frames(pictures=np.zeros((1, 0, 0, 3), np.uint8), times=(0.0,))
    )
    good, bad = model.answer([question(1), broken])
    assert good == model.answer([question(1)])[0]
    assert bad.error
    assert "\n" not in bad.error


def test_a_folder_without_a_model_is_one_line(tmp_path):
    with pytest.raises(InputError, match=r"^the model '.*' cannot be loaded \(.*\); check it\.$"):
        VisionLanguageModel(str(tmp_path), device="cpu")


@pytest.mark.skipif(TORCHVISION, reason="torchvision is installed")
def test_a_missing_package_is_named(tmp_path):
    with pytest.raises(ResourceError, match=r"Torchvision.*install it"):
        VisionLanguageModel(str(write_qwen2_vl(tmp_path / "qwen")), device="cpu")
