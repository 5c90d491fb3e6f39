"""Models that read pictures of pages: encoder and decoder of transformers, as Nemotron-Parse is, or vLLM.

The vLLM one is written against its documented interface and has not run yet (docs/models.md).
"""

import importlib
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForImageTextToText,
    AutoProcessor,
    GenerationConfig,
)

from curator_engine.errors import InputError, ResourceError
from curator_engine.models.loading import load_from, place_of

_MOST_TOKENS = 8192
"""Of a page."""
_SAMPLING = {
    "temperature": 0.0,
    "top_p": 1.0,
    "top_k": 1,
    "repetition_penalty": 1.1,
    "max_tokens": _MOST_TOKENS,
    "skip_special_tokens": False,
}


class HfPageModel:
    """Reads pages with transformers, some at a time; bf16 on a GPU, else float32.

    Raises:
        InputError: There is no such model, or it brings code that may not run.
        ResourceError: A package is missing.

    Example:
        >>> HfPageModel("models/nemotron-parse", prompt=build_task_prompt()).read(pages)
        ['<x_0.1><y_0.1># Title<x_0.9><y_0.2><class_Title>']
    """

    def __init__(
        self, name: str, *, prompt: str, batch_size: int = 4, trust_remote_code: bool = False
    ) -> None:
        self.prompt, self.batch_size = prompt, batch_size
        self.place = place_of("auto")
        config = _loaded(AutoConfig, name, trust_remote_code)
        own = "AutoModel" in (getattr(config, "auto_map", None) or {})
        kind = torch.bfloat16 if self.place == "cuda" else torch.float32
        loader = AutoModel if own else AutoModelForImageTextToText
        model = _loaded(loader, name, trust_remote_code, dtype=kind)
        self._model = model.to(self.place).eval()
        self._processor = _loaded(AutoProcessor, name, trust_remote_code)
        self._generation = load_from(GenerationConfig, name)
        self.proc_size = processor_size(self._processor)

    def read(self, images: list[Any]) -> list[str | None]:
        """What it says of each page; None for one at which it fails."""
        found = list[str | None]()
        for start in range(0, len(images), self.batch_size):
            found += self._batch(images[start : start + self.batch_size])
        return found

    def _batch(self, images: list[Any]) -> list[str | None]:
        try:
            return list(self._answers(images))
        except (RuntimeError, ValueError, TypeError, IndexError):
            # One by one, so that a page fails alone; memory may do for one that does not for all.
            if len(images) == 1:
                return [None]
            return [self._batch([image])[0] for image in images]

    @torch.inference_mode()
    def _answers(self, images: list[Any]) -> list[str]:
        inputs = self._processor(
            images=images,
            text=[self.prompt] * len(images),
            return_tensors="pt",
            add_special_tokens=False,
            padding=True,
        ).to(self.place)
        inputs.pop("labels", None)
        inputs["pixel_values"] = inputs["pixel_values"].to(self._model.dtype)
        tokens = self._model.generate(**inputs, generation_config=self._generation)
        return self._processor.batch_decode(tokens, skip_special_tokens=True)


class VllmPageModel:
    """Reads pages in vLLM's own batches.

    Raises:
        InputError: There is no such model, or it brings code that may not run.
        ResourceError: vLLM is not installed.
    """

    def __init__(
        self,
        name: str,
        *,
        prompt: str,
        engine: dict[str, Any],
        trust_remote_code: bool = False,
    ) -> None:
        self.prompt = prompt
        try:
            library: Any = importlib.import_module("vllm")
        except ImportError as error:
            raise ResourceError(
                "backend='vllm' needs vllm; install it, or use backend='hf'."
            ) from error
        self.proc_size = processor_size(_loaded(AutoProcessor, name, trust_remote_code))
        try:
            self._model: Any = library.LLM(
                model=name, trust_remote_code=trust_remote_code, **engine
            )
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"vllm cannot load the model {name!r} ({reason}); check it."
            ) from error
        self._sampling: Any = library.SamplingParams(**_SAMPLING)

    def read(self, images: list[Any]) -> list[str | None]:
        """What it says of each page; None where it says nothing."""
        asked = [{"prompt": self.prompt, "multi_modal_data": {"image": each}} for each in images]
        replies = self._model.generate(asked, self._sampling, use_tqdm=False)
        return [reply.outputs[0].text if reply.outputs else None for reply in replies]


def _loaded(loader: Any, name: str, trust_remote_code: bool, **options: Any) -> Any:
    try:
        return load_from(loader, name, trust_remote_code=trust_remote_code, **options)
    except InputError as error:
        said = str(error).replace("--trust-remote-code", "CURATOR_TRUST_REMOTE_CODE=1")
        raise InputError(said) from error


def processor_size(processor: Any) -> tuple[int, int]:
    """Height and width of the pictures that a processor makes, in pixels."""
    images = processor.image_processor
    if (own := getattr(images, "final_size", None)) is not None:
        height, width = own
        return int(height), int(width)
    size: Any = images.size
    side = size.get("shortest_edge", 0)
    return int(size.get("height") or side), int(size.get("width") or side)
