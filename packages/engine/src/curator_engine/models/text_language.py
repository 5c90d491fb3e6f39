"""Text models that transformers runs: they mend captions, and write for `generate`."""

from typing import Any

from transformers import AutoModelForCausalLM, AutoTokenizer

from curator_engine.device import Device
from curator_engine.models.endpoint import chat_messages
from curator_engine.models.generation import answer_each, generate, load_pair
from curator_engine.models.questions import Answer, Question, longest_answer, short_name


class TextLanguageModel:
    """Answers questions without pictures.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What it needs is not installed, or there is no GPU.
    """

    def __init__(self, name: str, *, device: Device = "auto", max_tokens: int = 512) -> None:
        self.name = short_name(name)
        self._max_tokens = max_tokens
        self._tokenizer, self._model = load_pair(
            name, AutoTokenizer, AutoModelForCausalLM, device=device
        )
        self._tokenizer.padding_side = "left"
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token

    def answer(self, questions: list[Question]) -> list[Answer]:
        """An answer per question; one by one if they cannot be answered together."""
        return answer_each(self._answer, questions)

    def count(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _answer(self, questions: list[Question]) -> list[str]:
        most = longest_answer(questions, self._max_tokens)
        return self.write([chat_messages(question) for question in questions], most)

    def write(self, chats: list[list[dict[str, Any]]], max_tokens: int) -> list[str]:
        """What the model says next in each conversation.

        Args:
            chats: Messages with `role` and `content`.
            max_tokens: Of an answer, at most.
        """
        texts = self._tokenizer.apply_chat_template(
            chats, add_generation_prompt=True, tokenize=False, enable_thinking=False
        )
        inputs: Any = self._tokenizer(
            texts, padding=True, add_special_tokens=False, return_tensors="pt"
        )
        tokens = generate(self._model, dict(inputs.to(self._model.device)), max_tokens)
        return self._tokenizer.batch_decode(tokens, skip_special_tokens=True)
