"""vLLM, whose place a module takes that has the class and the methods that we use, as documented."""

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from curator_engine.errors import InputError, ResourceError
from curator_text.models.sentence_encoders import load_text_model


class LLM:
    """Gives the number of tokens and the first one."""

    def __init__(self, *, model, runner):
        assert runner == "pooling"
        if model == "org/gone":
            raise ValueError("no such model")
        self.model_config = SimpleNamespace(max_model_len=3)

    def get_tokenizer(self):
        return lambda texts: {"input_ids": [[ord(each) for each in text] for text in texts]}

    def embed(self, prompts, *, use_tqdm=True):
        tokens = [each["prompt_token_ids"] for each in prompts]
        rows = [[float(len(each)), float(each[0])] for each in tokens]
        return [SimpleNamespace(outputs=SimpleNamespace(embedding=row)) for row in rows]


@pytest.fixture
def _vllm(monkeypatch):
    module = ModuleType("vllm")
    module.__spec__ = ModuleSpec("vllm", None)
    vars(module).update(LLM=LLM)
    monkeypatch.setitem(sys.modules, "vllm", module)


@pytest.mark.usefixtures("_vllm")
def test_texts_become_tokens_that_fit_and_vectors_of_length_one():
    model = load_text_model("org/tiny", backend="vllm")
    found, cut = model.embed(["ab", "abcd", "abc"], batch_size=2, max_chars=None)
    wanted = np.array([[2, 97], [3, 97], [3, 97]], float)
    assert np.allclose(found, wanted / np.linalg.norm(wanted, axis=1)[:, None])
    assert cut == 1
    assert model.embed([], batch_size=2, max_chars=None)[0].shape == (0, 0)


@pytest.mark.usefixtures("_vllm")
def test_a_model_that_cannot_be_loaded_is_one_line():
    with pytest.raises(InputError, match=r"vllm cannot load the model 'org/gone'"):
        load_text_model("org/gone", backend="vllm")


def test_without_vllm_it_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ResourceError, match="use --backend transformers"):
        load_text_model("org/tiny", backend="vllm")
