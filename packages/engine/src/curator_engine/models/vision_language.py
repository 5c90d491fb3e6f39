"""Vision-language models that transformers runs: Qwen2-VL, Qwen2.5-VL, Qwen3-VL and their like.

Pictures are given as one video where the model's processor takes videos, else as several images.
"""

from typing import Any

import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from curator_engine.device import Device
from curator_engine.models.generation import answer_each, generate, load_pair
from curator_engine.models.questions import Answer, Question, short_name


class VisionLanguageModel:
    """Describes pictures.

    Raises:
        InputError: There is no such model, or it cannot be read.
        ResourceError: What it needs is not installed, or there is no GPU.
    """

    def __init__(self, name: str, *, device: Device = "auto", max_tokens: int = 512) -> None:
        self.name = short_name(name)
        self._max_tokens = max_tokens
        self._processor, self._model = load_pair(
            name, AutoProcessor, AutoModelForImageTextToText, device=device
        )
        self._processor.tokenizer.padding_side = "left"
        self._takes_videos = getattr(self._processor, "video_processor", None) is not None

    def answer(self, questions: list[Question]) -> list[Answer]:
        """An answer per question; one by one if they cannot be answered together."""
        return answer_each(self._answer, questions)

    def _answer(self, questions: list[Question]) -> list[str]:
        inputs = self._inputs(questions).to(self._model.device)
        inputs = {
            key: value.to(self._model.dtype) if torch.is_floating_point(value) else value
            for key, value in inputs.items()
        }
        tokens = generate(self._model, inputs, self._max_tokens)
        return self._processor.batch_decode(tokens, skip_special_tokens=True)

    def _inputs(self, questions: list[Question]) -> Any:
        """What the model takes, padded on the left."""
        frames = [question.frames for question in questions]
        pictures = [list(each.pictures) if each is not None else [] for each in frames]
        kinds = [["video"] if self._takes_videos else ["image"] * len(each) for each in pictures]
        chats = [_chat(kind, each.prompt) for kind, each in zip(kinds, questions, strict=True)]
        texts = self._processor.apply_chat_template(
            chats, add_generation_prompt=True, tokenize=False
        )
        media: dict[str, Any] = {"images": pictures}
        if self._takes_videos:
            # Qwen3-VL takes no video of one picture.
            videos = [each * 2 if len(each) == 1 else each for each in pictures]
            facts = [_facts(each.times if each is not None else ()) for each in frames]
            media = {"videos": videos, "video_metadata": facts, "do_sample_frames": False}
        return self._processor(text=texts, padding=True, return_tensors="pt", **media)


def _chat(kinds: list[str], prompt: str) -> list[dict[str, Any]]:
    """A conversation of one turn: the places of pictures or videos, then the prompt."""
    content = [*({"type": kind} for kind in kinds), {"type": "text", "text": prompt}]
    return [{"role": "user", "content": content}]


def _facts(times: tuple[float, ...]) -> dict[str, Any]:
    """What a processor is told of a video, from which models with time stamps take the times."""
    step = (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0
    count = max(2, len(times))
    return {
        "total_num_frames": count,
        "fps": 1 / step if step > 0 else 1.0,
        "frames_indices": list(range(count)),
    }
