"""Mend captions: a text model rewrites what `CaptionClips` got.

The result goes to `Window.enhanced_caption`, filed under the model that described the window; the
caption stays. A clip on which this fails has `errors["enhance"]` and goes on.
"""

from dataclasses import dataclass
from itertools import batched
from typing import ClassVar

from curator_engine.models.model_stage import ModelStage
from curator_engine.models.questions import Answer, Question
from curator_video.captions.prompts import PromptVariant, enhance_prompt
from curator_video.task import Clip, VideoTask, Window, kept_clips

STAGE = "enhance"


@dataclass(kw_only=True)
class EnhanceCaptions(ModelStage[VideoTask, VideoTask]):
    """Rewrite the captions of the clips that are kept."""

    prompt_variant: PromptVariant = "default"
    """Which of the written prompts is used."""
    prompt: str = ""
    """Own text instead of the variant's."""
    batch: int = 32
    """Captions that are rewritten at once."""
    sees: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        enhance_prompt(self.prompt_variant, self.prompt)

    def process(self, task: VideoTask) -> VideoTask:
        """Set the windows' enhanced captions."""
        texts: list[tuple[Clip, Window, str]] = []
        for clip in kept_clips(task):
            clip.errors.pop(STAGE, None)
            for window in clip.windows:
                window.enhanced_caption = {}
                texts += [(clip, window, name) for name in window.caption]
        stopped = ""
        for group in batched(texts, self.batch):
            answers = [Answer(error=stopped)] * len(group) if stopped else self._rewrite(group)
            for (clip, window, name), answer in zip(group, answers, strict=True):
                if answer.error:
                    clip.errors.setdefault(STAGE, answer.error)
                    stopped = answer.error if answer.final else stopped
                else:
                    window.enhanced_caption[name] = answer.text
        return task

    def _rewrite(self, group: tuple[tuple[Clip, Window, str], ...]) -> list[Answer]:
        told = enhance_prompt(self.prompt_variant, self.prompt)
        return self._describer.answer(
            [Question(prompt=f"{told}\n\n{window.caption[name]}") for _, window, name in group]
        )
