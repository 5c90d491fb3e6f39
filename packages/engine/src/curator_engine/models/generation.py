"""What models that write text through transformers have in common: loading, generating, failing alone."""

from collections.abc import Callable
from typing import Any

import torch

from curator_engine.device import Device
from curator_engine.models.loading import load_from, place_of
from curator_engine.models.questions import Answer, Question, answer_of


def load_pair(name: str, processor: Any, model: Any, *, device: Device) -> tuple[Any, Any]:
    """A processor or tokenizer and a model in evaluation mode: bfloat16 on a GPU, else float32.

    Args:
        name: Folder or hub id.
        processor: The Auto class for the first.
        model: The Auto class for the second.
        device: Where the model computes.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: A package that it needs is not installed, or there is no GPU.
    """
    place = place_of(device)
    dtype = torch.bfloat16 if place == "cuda" else torch.float32
    first = load_from(processor, name)
    return first, load_from(model, name, dtype=dtype).to(place).eval()


def generate(model: Any, inputs: dict[str, Any], max_tokens: int) -> Any:
    """The new tokens, shape (questions, tokens), without chance."""
    with torch.inference_mode():
        tokens = model.generate(**inputs, max_new_tokens=max_tokens, do_sample=False)
    return tokens[:, inputs["input_ids"].shape[1] :]


def answer_each(
    ask: Callable[[list[Question]], list[str]], questions: list[Question]
) -> list[Answer]:
    """The answers of a model; where a batch fails, each question alone, so that only the bad fail."""
    try:
        return [answer_of(text) for text in ask(questions)]
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        if len(questions) == 1:
            return [Answer(error=_line(error))]
        reason = type(error).__name__
    if reason == "OutOfMemoryError":
        torch.cuda.empty_cache()
    return [answer_each(ask, [question])[0] for question in questions]


def _line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
