"""Read videos: from the listed files to tasks that know what is in them.

Local files stay where they are; remote ones are copied to scratch, because a video is read more
than once and from the middle. Frames are decoded by `analyse.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from curator_engine.errors import PipelineError, UnreadableFileError
from curator_engine.files.formats import FORMATS
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import input_errors, open_atomic, open_read, remove
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import FileGroupTask, short_hash
from curator_video.read.container import VideoError
from curator_video.read.probe import probe_video
from curator_video.task import Video, VideoTask

VIDEO_EXTENSIONS = list(FORMATS["video"])
"""Endings that count in folders."""


@dataclass(kw_only=True)
class ReadVideo(ProcessingStage[FileGroupTask, VideoTask]):
    """Look at a video file; one that cannot be used goes to quarantine with the reason."""

    scratch: str
    """Local folder for copies of remote files."""
    audio_track: str = ""
    """Which sound to take, as in `sound.choose_track`."""
    writes_to: ClassVar[tuple[str, ...]] = ("scratch",)

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
            with input_errors(path), open_read(local_file(video)):
                pass
            found = probe_video(local_file(video), audio_track=self.audio_track)
        except VideoError as error:
            self.reject(Rejection(file=path, reason=str(error)))
            self.count_rows(0)
            forget(video)
            return None
        except UnreadableFileError as error:
            self.reject_file(path, error)
            self.count_rows(0)
            return None
        video.metadata = found.metadata
        if found.failure:
            video.errors["read"] = found.failure
        if notes := [each for each in found.problems if each != found.failure]:
            video.notes["read"] = "; ".join(notes)
        self.log_metric("video_seconds", found.metadata.duration)
        return VideoTask(data=video, dataset_name=task.dataset_name)


def local_file(video: Video) -> str:
    """Where the video's bytes are on this machine; a remote file is copied if it is not there yet.

    Raises:
        UnreadableFileError: The file may not or cannot be read.
        StorageError: It cannot be copied, as on a full disk.
    """
    if not video.local_path:
        return video.path
    if not Path(video.local_path).exists():
        with open_atomic(video.local_path) as target:
            for chunk in _chunks(video.path):
                target.write(chunk)
    return video.local_path


def _chunks(path: str) -> Iterator[bytes]:
    """The bytes of a file of the input."""
    with input_errors(path), open_read(path) as file:
        while chunk := file.read(1 << 20):
            yield chunk


def forget(video: Video) -> None:
    """Remove the copy of a remote file, when nothing will look at the video again."""
    if video.local_path:
        remove(video.local_path)
