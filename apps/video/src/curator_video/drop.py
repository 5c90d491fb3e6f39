"""Drop clips by their scores, and say by which.

A dropped clip stays in its task; what is absent from the scores drops nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from curator_engine.stage import ProcessingStage
from curator_video.task import Clip, VideoTask


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

    limits: Sequence[Limit] = ()
    """What is checked, in order; frame_difference only where the codec has no motion vectors."""

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
        for limit in self.limits:
            vectors = "motion_global_mean" in clip.scores
            if limit.score == "frame_difference" and vectors:
                continue
            if reason := limit.broken_by(clip):
                clip.drop(limit.group, reason)
