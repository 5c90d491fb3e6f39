"""Describe clips: each window's pictures go to a model, and its text to `Window.caption`.

Clips that were dropped are not described. A clip on which this fails has `errors["caption"]` and goes on.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import batched

from curator_engine.errors import CuratorError
from curator_engine.models.model_stage import ModelStage
from curator_engine.models.questions import Answer, Question
from curator_video.captions.prompts import PromptVariant, caption_prompt
from curator_video.captions.windows import Sampling, split_windows, window_frames
from curator_video.read.track import Track, open_track
from curator_video.task import Clip, VideoTask, Window, kept_clips

STAGE = "caption"


@dataclass(kw_only=True)
class CaptionClips(ModelStage[VideoTask, VideoTask]):
    """Describe the windows of the clips that are kept; windows that are set already stay."""

    prompt_variant: PromptVariant = "default"
    """Which of the written prompts is used."""
    prompt: str = ""
    """Own text instead of the variant's."""
    window_size: int = 256
    """Frames of a window."""
    remainder_threshold: int = 128
    """Frames that must be left over to be a window of their own."""
    sampling: Sampling = field(default_factory=Sampling)

    def __post_init__(self) -> None:
        super().__post_init__()
        caption_prompt(self.prompt_variant, self.prompt)
        split_windows(1, window_size=self.window_size, remainder_threshold=self.remainder_threshold)

    def process(self, task: VideoTask) -> VideoTask:
        """Set the clips' windows and captions."""
        clips = kept_clips(task)
        for clip in clips:
            clip.errors.pop(STAGE, None)
            clip.windows = clip.windows or split_windows(
                clip.frames[1] - clip.frames[0],
                window_size=self.window_size,
                remainder_threshold=self.remainder_threshold,
            )
        if not clips:
            return task
        track = open_track(task.data.track)
        stopped = ""
        for group in batched(((c, w) for c in clips for w in c.windows), self.batch):
            if stopped:
                _blame((clip for clip, _ in group), stopped)
            else:
                stopped = self._describe(track, group)
        self.log_metric("captions", sum(bool(w.caption) for clip in clips for w in clip.windows))
        self.log_metric("caption_errors", sum(STAGE in clip.errors for clip in clips))
        return task

    def _describe(self, track: Track, group: tuple[tuple[Clip, Window], ...]) -> str:
        """Ask about some windows; returns why it is of no use to go on, or nothing."""
        asked: list[tuple[Clip, Window]] = []
        questions: list[Question] = []
        prompt = caption_prompt(self.prompt_variant, self.prompt)
        for clip, window in group:
            try:
                frames = window_frames(track, clip, window, self._sampling_of(window))
            except (CuratorError, OSError, ValueError) as error:
                _blame([clip], " ".join(f"no pictures: {error}".split()))
                continue
            asked.append((clip, window))
            questions.append(Question(prompt=window.prompt or prompt, frames=frames))
        answers: list[Answer] = self._describer.answer(questions) if questions else []
        stopped = ""
        for (clip, window), answer in zip(asked, answers, strict=True):
            if answer.error:
                _blame([clip], answer.error)
                stopped = answer.error if answer.final else stopped
            else:
                window.caption[self._describer.name] = answer.text
        return stopped

    def _sampling_of(self, window: Window) -> Sampling:
        return replace(self.sampling, fps=window.fps) if window.fps else self.sampling


def _blame(clips: Iterable[Clip], error: str) -> None:
    """Note the first error of each clip."""
    for clip in clips:
        clip.errors.setdefault(STAGE, error)
