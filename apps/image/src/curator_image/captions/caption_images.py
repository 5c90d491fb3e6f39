"""Describe pictures: each goes to a vision-language model or an endpoint.

The text is a fact of its own, `description`: a caption that came with a picture stays as it is. A
picture on which this fails has an error of the stage `caption` and goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.models.model_stage import ModelStage
from curator_engine.models.questions import Answer, Frames, Question
from curator_image.scores.batch_scores import item_of, set_error, some_at_a_time
from curator_image.task import ImageBatch, ImageObject

STAGE, FACT = "caption", "description"
PROMPT = (
    "Describe this picture for somebody who cannot see it: who or what is in it, what they look like "
    "and do, where it is, how the light is, and any text that can be read. Keep to what can be seen: no "
    "guesses about names, thoughts or what happens before and after. Write one paragraph of plain "
    "sentences, without a list and without an introduction."
)


@dataclass(kw_only=True)
class CaptionImages(ModelStage[ImageBatch, ImageBatch]):
    """Set the description of each picture that has pixels and is not dropped."""

    prompt: str = PROMPT
    """What is asked about a picture."""

    def process(self, task: ImageBatch) -> ImageBatch:
        """Set the descriptions."""
        stopped, count = "", 0
        for part in some_at_a_time(task, self.batch):
            answers = [Answer(error=stopped)] * len(part) if stopped else self._ask(part)
            for (image, _), answer in zip(part, answers, strict=True):
                if answer.error:
                    set_error(image, STAGE, answer.error)
                    stopped = answer.error if answer.final else stopped
                else:
                    about: dict[str, Any] = getattr(item_of(image), "about", image.metadata)
                    about[FACT] = answer.text
                    count += 1
        self.log_metric("descriptions", count)
        return task

    def _ask(self, part: Sequence[tuple[ImageObject, NDArray[np.uint8]]]) -> list[Answer]:
        return self._describer.answer(
            [
                Question(prompt=self.prompt, frames=Frames(pictures=pixels[None], times=(0.0,)))
                for _, pixels in part
            ]
        )
