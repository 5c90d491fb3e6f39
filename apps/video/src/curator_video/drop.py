"""Drop clips by their scores, and say by which.

A dropped clip stays in its task; what is absent from the scores drops nothing.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from curator_engine.stage import ProcessingStage
from curator_video.task import Clip, VideoTask

type Use = Literal["score", "filter", "off"]
"""Only compute a score, also drop by it, or leave it out."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """The least or the most that a score of a kept clip may be."""

    group: str
    """What the clip is dropped as, such as motion."""
    score: str
    value: float
    least: bool
    """Whether the value is the least; else it is the most."""

    def broken_by(self, clip: Clip) -> str | None:
        """The reason to drop the clip, with both numbers, or None."""
        score = clip.scores.get(self.score)
        if score is None or (score >= self.value if self.least else score <= self.value):
            return None
        # A figure that rounds to the limit would contradict itself.
        shown = next(
            text
            for digits in range(3, 18)
            if float(text := f"{score:.{digits}g}") != self.value or float(text) == score
        )
        return f"{self.score} {shown} {'<' if self.least else '>'} {self.value:g}"


@dataclass(kw_only=True)
class DropClips(ProcessingStage[VideoTask, VideoTask]):
    """Drop clips whose scores are out of range; the first reason counts."""

    motion: Use = "score"
    min_motion: float = 0.00098
    """Least motion_global_mean; NeMo Curator's."""
    min_patch_motion: float = 1e-6
    """Least motion_per_patch_min_256; NeMo Curator's."""
    min_frame_difference: float = 0.003
    """Least frame_difference, for clips whose codec has no motion vectors."""
    sharpness: Use = "score"
    min_sharpness: float = 10.0
    exposure: Use = "score"
    min_brightness: float = 0.05
    max_brightness: float = 0.95
    min_contrast: float = 0.02
    black: Use = "score"
    max_black_ratio: float = 0.5
    frozen: Use = "score"
    max_frozen_ratio: float = 0.9
    blockiness: Use = "score"
    max_blockiness: float = 0.5
    letterbox: Use = "score"
    max_letterbox_ratio: float = 0.3
    text: Use = "score"
    max_text_ratio: float = 0.08
    aesthetic: Use = "score"
    min_aesthetic: float = 3.5
    """NeMo Curator's advice for the LAION head, which gives 1 to 10."""

    def process(self, task: VideoTask) -> VideoTask:
        """Mark the clips, and count them by what they were dropped as."""
        counts: Counter[str] = Counter()
        for clip in task.data.clips:
            if not clip.drop_reason:
                self._judge(clip)
                counts.update([clip.drop_stage] if clip.drop_reason else [])
        self.count_drops(dict(counts))
        return task

    def _judge(self, clip: Clip) -> None:
        for limit in self.limits():
            vectors = "motion_global_mean" in clip.scores
            if limit.score == "frame_difference" and vectors:
                continue
            if reason := limit.broken_by(clip):
                clip.drop(limit.group, reason)

    def limits(self) -> Iterator[Limit]:
        """What is checked, in order."""
        for group, score, value, least in (
            ("motion", "motion_global_mean", self.min_motion, True),
            ("motion", "motion_per_patch_min_256", self.min_patch_motion, True),
            ("motion", "frame_difference", self.min_frame_difference, True),
            ("sharpness", "sharpness", self.min_sharpness, True),
            ("exposure", "brightness", self.min_brightness, True),
            ("exposure", "brightness", self.max_brightness, False),
            ("exposure", "contrast", self.min_contrast, True),
            ("black", "black_ratio", self.max_black_ratio, False),
            ("frozen", "frozen_ratio", self.max_frozen_ratio, False),
            ("blockiness", "blockiness", self.max_blockiness, False),
            ("letterbox", "letterbox_ratio", self.max_letterbox_ratio, False),
            ("text", "text_ratio", self.max_text_ratio, False),
            ("aesthetic", "aesthetic", self.min_aesthetic, True),
        ):
            if getattr(self, group) == "filter":
                yield Limit(group=group, score=score, value=value, least=least)
