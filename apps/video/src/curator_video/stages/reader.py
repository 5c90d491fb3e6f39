"""List and look at videos, as NeMo Curator's reader does."""

from dataclasses import dataclass, field
from typing import ClassVar

from curator_engine.positional import positional
from curator_engine.stage import AnyStage, CompositeStage
from curator_engine.stages.file_groups import FilePartitioningStage
from curator_engine.task import EmptyTask
from curator_video.read.read_video import ReadVideo
from curator_video.stages.scratch import scratch_folder
from curator_video.task import VideoTask


@positional("input_path", "verbose", "name")
@dataclass(kw_only=True)
class VideoReaderStage(ReadVideo):
    """Look at one video file per task; its bytes stay where they are.

    A file that cannot be used goes to quarantine with the reason.
    """

    input_path: str | None = None
    """Accepted: names below the input folder come from the listing."""
    verbose: bool = False
    """Accepted: what was found is in the task."""
    name: str = "video_reader"
    scratch: str = field(default_factory=scratch_folder, init=False)
    writes_to: ClassVar[tuple[str, ...]] = ()


@positional("input_video_path", "video_limit", "verbose")
@dataclass(kw_only=True)
class VideoReader(CompositeStage[EmptyTask, VideoTask]):
    """List the videos of a folder, file or URL and look at each.

    Example:
        >>> VideoReader("videos", video_limit=10)
    """

    input_video_path: str
    video_limit: int | None = None
    """Only the first videos, in the order of their paths."""
    verbose: bool = False
    name: str = "video_reader"

    def decompose(self) -> list[AnyStage]:
        """The listing and the look; the listing fails where there is no video."""
        return [
            FilePartitioningStage(
                file_paths=self.input_video_path,
                files_per_partition=1,
                file_extensions=None,
                file_format="video",
                limit=self.video_limit,
                allow_empty=False,
            ),
            VideoReaderStage(input_path=self.input_video_path, verbose=self.verbose),
        ]
