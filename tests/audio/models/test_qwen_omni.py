"""vLLM's place is taken by a module with the two classes and the method that we use, as documented."""

import base64
import io
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import soundfile

from curator_audio.models.qwen_omni import QwenOmniASRAdapter
from curator_engine.errors import InputError, ResourceError, SettingsError

NOISE = np.random.default_rng(0).normal(0, 0.1, 8_000).astype(np.float32)


class LLM:
    """Says the prompt, and how many samples it heard."""

    def __init__(self, *, model, tensor_parallel_size, revision, **options):
        if model == "gone":
            raise ValueError("no such model")
        self.options = {"tensor_parallel_size": tensor_parallel_size, **options}

    def chat(self, messages, sampling_params, *, use_tqdm=True):
        assert sampling_params.max_tokens == 256
        return [self._reply(chat) for chat in messages]

    def _reply(self, chat):
        first, second = chat[-1]["content"]
        text, sound = (first, second) if first["type"] == "text" else (second, first)
        data = base64.b64decode(sound["input_audio"]["data"])
        samples, rate = soundfile.read(io.BytesIO(data))
        said = f"{chat[0]['role']} {text['text']} {len(samples)} {rate} {first['type']}"
        return SimpleNamespace(outputs=[SimpleNamespace(text=f" {said} ")])


class SamplingParams:
    def __init__(self, *, max_tokens, temperature, top_k):
        self.max_tokens = max_tokens


@pytest.fixture
def _vllm(monkeypatch):
    module = ModuleType("vllm")
    vars(module).update(LLM=LLM, SamplingParams=SamplingParams)
    monkeypatch.setitem(sys.modules, "vllm", module)


def said(item: dict[str, Any], **settings: Any) -> str:
    adapter = QwenOmniASRAdapter(**settings)
    adapter.load_model(num_gpus=2)
    assert adapter._engine.options["tensor_parallel_size"] == 2
    (result,) = adapter.transcribe_batch([{"waveform": NOISE, "sample_rate": 16_000, **item}])
    adapter.unload_model()
    return result.text


@pytest.mark.usefixtures("_vllm")
def test_clips_and_prompts_become_chats(tmp_path):
    (tmp_path / "prompt.txt").write_text(" In {language}. \n")
    prompt = str(tmp_path / "prompt.txt")
    assert said({}) == "user Transcribe the audio. 8000 16000 text"
    assert said({"language": "de"}, prompt_file=prompt) == "user In de. 8000 16000 text"
    english = {"en_prompt_text": "Go.", "prompt_content_order": "audio_text"}
    assert said({"language": "en"}, **english) == "user Go. 8000 16000 input_audio"
    assert said({"language": "de"}, en_prompt_text="Go.", system_prompt="x").startswith("system")


@pytest.mark.usefixtures("_vllm")
def test_a_clip_that_is_too_short_is_skipped():
    adapter = QwenOmniASRAdapter()
    adapter.load_model(num_gpus=1)
    items = [{"waveform": NOISE[:n], "sample_rate": 16_000} for n in (1_599, 1_600)]
    short, long = adapter.transcribe_batch(items)
    assert (short.skipped, long.skipped) == (True, False)
    assert adapter.transcribe_batch(items[:1]) == [short]


@pytest.mark.usefixtures("_vllm")
def test_what_cannot_be_is_said():
    with pytest.raises(InputError, match="no such model"):
        QwenOmniASRAdapter(model_id="gone").load_model(num_gpus=1)
    with pytest.raises(ResourceError, match="needs a GPU"):
        QwenOmniASRAdapter().load_model(num_gpus=0)
    with pytest.raises(InputError, match="no prompt"):
        QwenOmniASRAdapter(prompt_file="absent.txt")
    wrong: Any
    for wrong in ({"prompt_content_order": "audio"}, {"max_output_tokens": 0}):
        with pytest.raises(SettingsError):
            QwenOmniASRAdapter(**wrong)


def test_vllm_is_said_to_be_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ResourceError, match="needs vllm"):
        QwenOmniASRAdapter().load_model(num_gpus=1)
