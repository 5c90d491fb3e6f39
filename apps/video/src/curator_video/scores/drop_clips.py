"""Drop clips by their scores, and say by which.

A dropped clip stays in its task; what is absent from the scores drops nothing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from curator_engine.items.limit import Limit
from curator_engine.stage import ProcessingStage
from curator_video.task import Clip, VideoTask


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
            if reason := limit.broken_by(clip.scores):
                clip.drop(limit.group, reason)
