"""vLLM, whose place a module takes that has the two classes and the method that we use, as documented."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from curator_engine.errors import InputError, ResourceError
from curator_engine.models.questions import Answer, Frames, Question
from curator_engine.models.vllm_model import VllmModel


class LLM:
    """Says the last word of a prompt, and cannot read one that is bad."""

    def __init__(self, *, model, max_model_len, limit_mm_per_prompt=None):
        if model == "gone":
            raise ValueError("no such model")

    def chat(self, messages, sampling_params, *, use_tqdm=True):
        assert isinstance(sampling_params, SamplingParams)
        return [self._reply(chat[0]["content"]) for chat in messages]

    def _reply(self, content):
        prompt = content if isinstance(content, str) else content[-1]["text"]
        pictures = 0 if isinstance(content, str) else len(content) - 1
        if prompt.endswith("bad"):
            raise ValueError("too long")
        text = f"{prompt.split()[-1]} {pictures}"
        return SimpleNamespace(outputs=[SimpleNamespace(text=text)])


class SamplingParams:
    def __init__(self, *, temperature, max_tokens):
        pass


@pytest.fixture
def _vllm(monkeypatch):
    module = ModuleType("vllm")
    vars(module).update(LLM=LLM, SamplingParams=SamplingParams)
    monkeypatch.setitem(sys.modules, "vllm", module)


@pytest.mark.usefixtures("_vllm")
def test_pictures_and_prompts_become_chats():
    frames = Frames(pictures=np.zeros((2, 8, 8, 3), np.uint8), times=(0.0, 0.5))
    model = VllmModel("org/tiny-vl")
    asked = [Question(prompt="say hello", frames=frames), Question(prompt="say bye")]
    assert model.answer(asked) == [Answer(text="hello 2"), Answer(text="bye 0")]
    assert model.name == "tiny-vl"


@pytest.mark.usefixtures("_vllm")
def test_where_a_batch_fails_only_the_bad_question_does():
    answers = VllmModel("org/tiny-vl", sees=False).answer(
        [Question(prompt="good"), Question(prompt="bad")]
    )
    assert answers == [Answer(text="good 0"), Answer(error="vllm: too long")]


@pytest.mark.usefixtures("_vllm")
def test_a_model_that_cannot_be_loaded_is_one_line():
    with pytest.raises(InputError, match=r"vllm cannot load the model 'gone' \(no such model\)"):
        VllmModel("gone")


def test_without_vllm_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ResourceError, match="needs vllm; install it"):
        VllmModel("org/tiny-vl")
