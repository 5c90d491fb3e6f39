"""Cut a video's clips into chunks, so that the clips of a long video spread over workers."""

from dataclasses import dataclass, replace
from typing import ClassVar

from curator_engine.errors import SettingsError
from curator_engine.stage import ProcessingStage
from curator_video.task import VideoTask


@dataclass(kw_only=True)
class ChunkClips(ProcessingStage[VideoTask, VideoTask]):
    """Make a task per chunk of a video's clips; a video without clips is one chunk without any."""

    num_clips_per_chunk: int = 32
    """Clips at most; dropped ones count."""
    fan_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.num_clips_per_chunk < 1:
            raise SettingsError(
                f"num_clips_per_chunk={self.num_clips_per_chunk}; a chunk has at least 1 clip."
            )

    def process(self, task: VideoTask) -> list[VideoTask]:
        """The chunks, in the order of the clips."""
        video, size = task.data, self.num_clips_per_chunk
        total = len(video.clips)
        starts = range(0, max(total, 1), size)
        return [
            VideoTask(
                data=replace(
                    video,
                    clips=video.clips[start : start + size],
                    clip_chunk_index=index,
                    num_clip_chunks=len(starts),
                    num_total_clips=total,
                    errors=dict(video.errors),
                    notes=dict(video.notes),
                ),
                dataset_name=task.dataset_name,
                _metadata=dict(task._metadata),
            )
            for index, start in enumerate(starts)
        ]
