"""Models that vLLM runs, with or without pictures.

Written against the documented interface of `vllm.LLM.chat`; it has not run on a GPU yet (docs/models.md).
"""

import importlib
from typing import Any

from curator_engine.errors import InputError, ResourceError
from curator_engine.models.endpoint import chat_messages
from curator_engine.models.questions import (
    Answer,
    Question,
    answer_of,
    longest_answer,
    short_name,
)

_MOST_PICTURES = 64
_MOST_CONTEXT = 32_768
"""Tokens of prompt, pictures and answer; what a model allows may not fit into the GPU."""


class VllmModel:
    """Answers questions in vLLM's own batches.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: vLLM is not installed.
    """

    def __init__(self, name: str, *, max_tokens: int = 512, sees: bool = True) -> None:
        self.name = short_name(name)
        try:
            library: Any = importlib.import_module("vllm")
        except ImportError as error:
            raise ResourceError(
                "backend='vllm' needs vllm; install it, or use backend='transformers'."
            ) from error
        pictures = {"limit_mm_per_prompt": {"image": _MOST_PICTURES}} if sees else {}
        try:
            self._model: Any = library.LLM(model=name, max_model_len=_MOST_CONTEXT, **pictures)
        except (OSError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"vllm cannot load the model {name!r} ({reason}); check it."
            ) from error
        self._library, self._max_tokens = library, max_tokens

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._model.get_tokenizer().encode(text))

    def answer(self, questions: list[Question]) -> list[Answer]:
        """An answer per question; one by one if they cannot be answered together."""
        chats = [chat_messages(question) for question in questions]
        most = longest_answer(questions, self._max_tokens)
        params = self._library.SamplingParams(temperature=0.0, max_tokens=most)
        try:
            replies = self._model.chat(chats, params, use_tqdm=False)
        except ValueError as error:
            if len(questions) == 1:
                return [Answer(error=" ".join(f"vllm: {error}".split())[:200])]
            return [self.answer([question])[0] for question in questions]
        return [answer_of(reply.outputs[0].text) for reply in replies]
