"""Write a run's clips in NeMo Curator's layout, and a part of `clips.parquet` for each chunk.

    clips/<clip>.mp4  filtered_clips/<clip>.mp4   .webm or .mkv where a copied stream needs it
    metas/v0/<clip>.json                          kept and dropped clips
    <model>_embd_parquet/<chunk>.parquet          columns id, embedding
    processed_videos/<video>.json
    processed_clip_chunks/<video>_<chunk>.json

Previews are `preview.py`'s. All files are named by ids, so the same chunk again gives the same files.
"""

import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar
from uuid import NAMESPACE_URL, uuid5

import numpy as np

from curator_engine.errors import StorageError
from curator_engine.files.manifest import note
from curator_engine.files.paths import is_remote, join, utf8_name
from curator_engine.files.storage import (
    exists,
    open_atomic,
    remove,
    remove_others,
    remove_tree,
    storage_errors,
    write_atomic,
)
from curator_engine.items.stored_embeddings import write_embeddings
from curator_engine.stage import ProcessingStage
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_video.clips.clip_records import chunk_record, clip_record, video_record
from curator_video.clips.clip_table import CLIPS, clips_table
from curator_video.read.read_video import forget
from curator_video.task import Clip, Video, VideoTask

VIDEOS = "processed_videos"
CHUNKS = "processed_clip_chunks"


@dataclass(kw_only=True)
class WriteClips(ProcessingStage[VideoTask, FileGroupTask]):
    """Write a chunk of clips; gives a reference to its part of `clips.parquet`.

    Files of clips are moved out of the scratch folder. The part comes last: where it is, the chunk is
    complete.
    """

    output: str
    """Folder of the run, local or remote."""
    parts: str
    """Folder for the parts, which `clip_table.join_parts` makes one table of."""
    remove_tracks: bool = False
    """Remove a video's track, and the copy of a remote file, once all its chunks are written. For runs
    in which nothing looks at them afterwards, and `resume` has removed what a killed run left."""
    writes_to: ClassVar[tuple[str, ...]] = ("output", "parts")

    def process(self, task: VideoTask) -> FileGroupTask:
        """Write the files of the task's clips.

        Raises:
            StorageError: A file cannot be written, or a clip's file is gone.
        """
        video = self.write(task.data)
        part = self._part(video, video.clip_chunk_index)
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)

    def write(self, video: Video) -> Video:
        """Write a chunk of clips; returns it with the clips' files in their places.

        Raises:
            StorageError: A file cannot be written, or a clip's file is gone.
        """
        video = replace(video, clips=[self._placed(clip) for clip in video.clips])
        for clip in video.clips:
            self._write_json(join(CLIPS.metas, f"{clip.uuid}.json"), clip_record(video, clip))
        for name in sorted({name for clip in video.clips for name in clip.embeddings}):
            self._write_embeddings(name, video)
        self.write_records(video)
        part = self._part(video, video.clip_chunk_index)
        write_table(part, clips_table(video))
        if self.remove_tracks and self._is_complete(video):
            if video.track:
                remove_tree(video.track)
            forget(video)
        self._count(video)
        return video

    def write_records(self, video: Video) -> None:
        """Write the records of the video, with its first chunk, and of the chunk."""
        path = _safe(video.relative_path or Path(video.path).name)
        if video.clip_chunk_index == 0:
            self._write_json(join(VIDEOS, f"{path}.json"), video_record(video))
        chunk = f"{path}_{video.clip_chunk_index}.json"
        self._write_json(join(CHUNKS, chunk), chunk_record(video))

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished video stands for."""
        remove_others(self.parts, committed)

    def _placed(self, clip: Clip) -> Clip:
        """The clip with its file in the output folder."""
        if clip.encoded is None or not clip.encoded.path:
            return clip
        name = Path(clip.encoded.path).name
        path = join(CLIPS.dropped if clip.drop_reason else CLIPS.kept, name)
        move_file(clip.encoded.path, join(self.output, path), num_bytes=clip.encoded.num_bytes)
        return replace(clip, encoded=replace(clip.encoded, path=path))

    def _write_json(self, path: str, record: object) -> None:
        text = json.dumps(record, indent=1, ensure_ascii=False, default=_plain)
        # A path with bytes that are no text has surrogates in it.
        write_atomic(join(self.output, path), text.encode("utf-8", "backslashreplace"))

    def _write_embeddings(self, name: str, video: Video) -> None:
        clips = [clip for clip in video.clips if name in clip.embeddings]
        matrix = np.stack([clip.embeddings[name] for clip in clips])
        part = _chunk_id(video, video.clip_chunk_index)
        write_embeddings(self.output, name, part, [clip.uuid for clip in clips], matrix)

    def _part(self, video: Video, chunk: int) -> str:
        return join(self.parts, f"{_chunk_id(video, chunk)}.parquet")

    def _is_complete(self, video: Video) -> bool:
        return all(exists(self._part(video, chunk)) for chunk in range(video.num_clip_chunks))

    def _count(self, video: Video) -> None:
        self.log_metric("clips_written", sum(clip.encoded is not None for clip in video.clips))
        self.log_metric("clips_kept", sum(not clip.drop_reason for clip in video.clips))


def _chunk_id(video: Video, chunk: int) -> str:
    return str(uuid5(NAMESPACE_URL, f"{utf8_name(video.path)}_{chunk}"))


def _safe(path: str) -> str:
    """The path without what would lead out of the output folder."""
    parts: Iterable[str] = path.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", "..")) or "video"


def _plain(value: object) -> object:
    """Numbers of numpy, which scores may be, as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def move_file(source: str, target: str, *, num_bytes: int) -> None:
    """Move a local file to a local or remote place; again is as well as once.

    Raises:
        StorageError: It cannot be moved, or is in neither place.
    """
    path = Path(source)
    if not path.exists():
        if not _has(target, num_bytes):
            raise StorageError(f"{source} is gone before it was written to {target}; run again.")
        return
    if not is_remote(target):
        with storage_errors(target, "writing"):
            note(target)
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            if path.stat().st_dev == Path(target).parent.stat().st_dev:
                path.replace(target)
                return
    with open_atomic(target) as file, path.open("rb") as data:
        shutil.copyfileobj(data, file)
    remove(source)


def _has(target: str, num_bytes: int) -> bool:
    if is_remote(target):
        return exists(target)
    return Path(target).is_file() and Path(target).stat().st_size == num_bytes
