"""Qwen3-Omni as a recogniser, in vLLM. It has not run here: vLLM is not in our lock.

Written against vLLM's documented `LLM.chat`, which takes sounds as WAV files in messages.
"""

import base64
import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_audio.models.asr_adapters import ASRResult
from curator_audio.models.outside_package import outside_package
from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.positional import positional

_LEAST_S = 0.1
"""Seconds below which the model cannot hear a clip."""
_ENGLISH = ("en", "english")


def _engine_options() -> dict[str, Any]:
    return {
        "max_model_len": 32_768,
        "max_num_seqs": 32,
        "gpu_memory_utilization": 0.95,
        "limit_mm_per_prompt": {"audio": 1},
        "seed": 1234,
    }


def _sampling_options() -> dict[str, Any]:
    return {"temperature": 0.0, "top_k": 1}


@positional(
    *("model_id", "revision", "prompt_text", "prompt_file", "en_prompt_text", "en_prompt_file"),
    *("system_prompt", "system_prompt_file", "prompt_content_order", "max_output_tokens"),
    *("vllm_kwargs", "sampling_kwargs"),
)
@dataclass(kw_only=True)
class QwenOmniASRAdapter:
    """Asks Qwen3-Omni what is said in each clip, in words of the user's.

    `{language}` in a prompt becomes the code of the clip's language. No code of the model runs.

    Raises:
        InputError: A file with a prompt is missing.
        SettingsError: A value is none that can be.

    Example:
        ASRStage(
            adapter_target="curator_audio.models.qwen_omni.QwenOmniASRAdapter",
            model_id="Qwen/Qwen3-Omni-30B-A3B-Instruct",
            adapter_kwargs={"prompt_text": "Write down what is said, in {language}."},
            resources=Resources(gpus=2),
        )
    """

    model_id: str = "Qwen/Qwen3-Omni-30B-A3B-Instruct"
    revision: str | None = None
    """Of the hub."""
    prompt_text: str = "Transcribe the audio."
    prompt_file: str | None = None
    """File with the prompt, instead."""
    en_prompt_text: str | None = None
    """Prompt for English, where that is another."""
    en_prompt_file: str | None = None
    system_prompt: str | None = None
    system_prompt_file: str | None = None
    prompt_content_order: Literal["text_audio", "audio_text"] = "text_audio"
    """What stands first in a message."""
    max_output_tokens: int = 256
    vllm_kwargs: dict[str, Any] = field(default_factory=_engine_options)
    """Of `vllm.LLM`."""
    sampling_kwargs: dict[str, Any] = field(default_factory=_sampling_options)
    """Of `vllm.SamplingParams`."""
    _engine: Any = field(default=None, init=False, repr=False)
    _sampling: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.prompt_content_order not in ("text_audio", "audio_text"):
            raise SettingsError(
                f"prompt_content_order={self.prompt_content_order!r} is none; give text_audio or audio_text."
            )
        if self.max_output_tokens < 1:
            raise SettingsError(f"max_output_tokens={self.max_output_tokens} is below 1.")
        self.prompt_text = _text(self.prompt_text, self.prompt_file) or ""
        self.en_prompt_text = _text(self.en_prompt_text, self.en_prompt_file)
        self.system_prompt = _text(self.system_prompt, self.system_prompt_file)

    def download_weights_on_node(self) -> None:
        """Fetch the weights.

        Raises:
            ResourceError: The hub's package is not installed.
        """
        hub = outside_package("huggingface_hub", "huggingface-hub")
        hub.snapshot_download(self.model_id, revision=self.revision)

    def load_model(self, *, num_gpus: int) -> None:
        """Load the model, on all GPUs of the worker.

        Raises:
            InputError: There is no such model.
            ResourceError: vLLM is not installed, or there is no GPU.
        """
        library = outside_package("vllm", "vllm")
        if num_gpus < 1:
            raise ResourceError("Qwen3-Omni needs a GPU; give its stage Resources(gpus=1) or more.")
        options = {"tensor_parallel_size": num_gpus, "revision": self.revision, **self.vllm_kwargs}
        try:
            self._engine = library.LLM(model=self.model_id, **options)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"vllm cannot load the model {self.model_id!r} ({reason}); check it."
            ) from error
        settings = {"max_tokens": self.max_output_tokens, **self.sampling_kwargs}
        self._sampling = library.SamplingParams(**settings)

    def unload_model(self) -> None:
        """Let the model go."""
        self._engine = self._sampling = None

    def transcribe_batch(self, items: list[dict[str, Any]]) -> list[ASRResult]:
        """What is said in each item; one that is shorter than 0.1 s is skipped."""
        results = [ASRResult(text="", skipped=True) for _ in items]
        asked = [
            i for i, it in enumerate(items) if len(it["waveform"]) >= _LEAST_S * it["sample_rate"]
        ]
        if not asked:
            return results
        chats = [self._messages(items[i]) for i in asked]
        replies = self._engine.chat(chats, self._sampling, use_tqdm=False)
        for i, reply in zip(asked, replies, strict=True):
            text = str(reply.outputs[0].text).strip()
            results[i] = ASRResult(text=text, skipped=not text)
        return results

    def _messages(self, item: dict[str, Any]) -> list[dict[str, Any]]:
        language = str(item.get("language") or "")
        english = language.lower() in _ENGLISH and self.en_prompt_text
        prompt = (english or self.prompt_text).replace("{language}", language)
        sound = {
            "type": "input_audio",
            "input_audio": {"data": _wav(item["waveform"], item["sample_rate"]), "format": "wav"},
        }
        content = [{"type": "text", "text": prompt}, sound]
        if self.prompt_content_order == "audio_text":
            content.reverse()
        system = [{"role": "system", "content": self.system_prompt}] if self.system_prompt else []
        return [*system, {"role": "user", "content": content}]


def _text(text: str | None, path: str | None) -> str | None:
    if not path:
        return text
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: there is no prompt to be read; check the path.") from error


def _wav(samples: NDArray[np.float32], rate: int) -> str:
    """A file with the samples, in base64."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return base64.b64encode(file.getvalue()).decode()
