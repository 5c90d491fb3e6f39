"""Read videos: from the listed files to tasks that know what is in them.

Local files stay where they are; remote ones are copied to scratch, because a video is read more
than once and from the middle. Frames are decoded by `analyse.py`.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from curator_engine.errors import PipelineError
from curator_engine.files.storage import (
    is_remote,
    join,
    open_atomic,
    open_read,
    remove,
    storage_errors,
)
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import FileGroupTask, short_hash
from curator_video.container import VideoError
from curator_video.probe import probe_video
from curator_video.task import Video, VideoTask

_LOWER = (
    *(".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts"),
    *(".flv", ".wmv", ".asf", ".ogv", ".3gp", ".mxf"),
)
VIDEO_EXTENSIONS = [*_LOWER, *(ending.upper() for ending in _LOWER)]
"""Endings that count in folders."""


@dataclass(kw_only=True)
class ReadVideo(ProcessingStage[FileGroupTask, VideoTask]):
    """Look at a video file; one that cannot be used goes to quarantine with the reason."""

    scratch: str
    """Local folder for copies of remote files."""
    audio_track: str = ""
    """Which sound to take, as in `sound.choose_track`."""

    def process(self, task: FileGroupTask) -> VideoTask | None:
        """The video of a task with one file.

        Raises:
            PipelineError: The task has more files than one, or none.
            StorageError: A remote file cannot be copied.
        """
        if len(task.data) != 1:
            raise PipelineError(
                f"{self.name} takes one file per task, not {len(task.data)}; "
                "use FilePartitioner(files_per_partition=1)."
            )
        path = task.data[0]
        name = task._metadata.get("name") or PurePosixPath(path).name
        video = Video(path=path, relative_path=name, stamp=task.stamp)
        if is_remote(path):
            key = short_hash(path, task.stamp)
            video.local_path = join(self.scratch, "remote", key + PurePosixPath(path).suffix)
        try:
            found = probe_video(local_file(video), audio_track=self.audio_track)
        except VideoError as error:
            self.reject(Rejection(file=path, reason=str(error)))
            forget(video)
            return None
        video.metadata = found.metadata
        if found.problems:
            video.errors["read"] = "; ".join(found.problems)
        self.log_metric("video_seconds", found.metadata.duration)
        return VideoTask(data=video, dataset_name=task.dataset_name)


def local_file(video: Video) -> str:
    """Where the video's bytes are on this machine; a remote file is copied if it is not there yet.

    Raises:
        StorageError: It cannot be copied.
    """
    if not video.local_path:
        return video.path
    if not Path(video.local_path).exists():
        with (
            storage_errors(video.path, "reading"),
            open_read(video.path) as source,
            open_atomic(video.local_path) as target,
        ):
            shutil.copyfileobj(source, target, 1 << 20)
    return video.local_path


def forget(video: Video) -> None:
    """Remove the copy of a remote file, when nothing will look at the video again."""
    if video.local_path:
        remove(video.local_path)
