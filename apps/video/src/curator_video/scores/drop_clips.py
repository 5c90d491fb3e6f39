"""Drop clips by their scores, and say by which.

What is absent from the scores drops nothing. A filter of your own extends `ClipFilter`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from curator_engine.items.item_filter import ItemFilter
from curator_engine.items.limit import Limit
from curator_video.task import Clip, VideoTask


class ClipFilter(ItemFilter[VideoTask]):
    """A filter of clips: write `drop`."""

    def items_of(self, task: VideoTask) -> Sequence[Clip]:
        """The clips of a video, or of a chunk of it."""
        return task.data.clips


@dataclass(kw_only=True)
class DropClips(ClipFilter):
    """Drop clips whose scores are out of range; the first reason counts."""

    limits: Sequence[Limit] = ()
    """What is checked, in order; frame_difference only where the codec has no motion vectors."""

    def judge(self, item: Clip) -> tuple[str, str] | None:
        """The group of the first limit that the clip breaks, and the reason."""
        vectors = "motion_global_mean" in item.scores
        for limit in self.limits:
            if limit.score == "frame_difference" and vectors:
                continue
            if reason := limit.broken_by(item.scores):
                return limit.group, reason
        return None
