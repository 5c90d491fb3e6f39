"""Drawn videos as tasks with clips, and what a test asks of the files that are cut out of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from video.media import draw_video, read_number

from curator_engine.stage import ProcessingStage
from curator_video.clips.transcode import TranscodeClips
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.probe import probe_video
from curator_video.read.track import Track, open_track
from curator_video.task import Clip, Encoded, Video, VideoTask, clip_uuid

av: Any = pytest.importorskip("av")
SHOTS = [(1, 60), (2, 60)]


def video_task(path: Path, *spans: tuple[int, int]) -> VideoTask:
    """A video that was analysed, with clips of these frames [start, end)."""
    video = Video(path=str(path), relative_path=path.name, metadata=probe_video(str(path)).metadata)
    stage = AnalyseVideo(scratch=str(path.parent / "scratch"))
    stage.setup()
    task = stage.process(VideoTask(data=video, dataset_name="test", task_id="0"))
    assert task is not None
    track = open_track(video.track)
    video.clips = [_clip(video, track, frames) for frames in spans]
    video.num_total_clips = len(spans)
    return task


def numbered_task(folder: Path, *spans: tuple[int, int], name="a.mp4", **drawing) -> VideoTask:
    """A video of 120 numbered frames at 24 per second, two shots."""
    return video_task(draw_video(folder / name, SHOTS, numbered=True, **drawing), *spans)


def transcode(task: VideoTask, folder: Path, **options) -> TranscodeClips:
    """Cut the clips; returns the stage, which has its metrics."""
    stage = TranscodeClips(scratch=str(folder / "scratch"), **options)
    stage.setup()
    stage.process(task)
    return stage


def cut(task: VideoTask, folder: Path, **options) -> list[Encoded]:
    """Cut the clips; returns their files, of which none may be missing."""
    transcode(task, folder, **options)
    files = [clip.encoded for clip in task.data.clips]
    assert None not in files, [clip.errors for clip in task.data.clips]
    return [file for file in files if file]


def numbers(path: str) -> list[int]:
    """The numbers that are painted into the frames of a file."""
    with av.open(path) as file:
        return [read_number(each.to_ndarray(format="rgb24")) for each in file.decode(video=0)]


def frame_times(path: str) -> list[float]:
    """Seconds at which the frames of a file are shown."""
    with av.open(path) as file:
        return [each.time for each in file.decode(video=0)]


def sound_span(path: str) -> tuple[float, float]:
    """Seconds between which sound is heard in a file."""
    with av.open(path) as file:
        frames = list(file.decode(audio=0))
    return frames[0].time, frames[-1].time + frames[-1].samples / frames[-1].sample_rate


@dataclass(kw_only=True)
class EqualParts(ProcessingStage[VideoTask, VideoTask]):
    """Clips of so many frames each, instead of shots."""

    frames: int = 20

    def process(self, task: VideoTask) -> VideoTask:
        video = task.data
        track = open_track(video.track)
        for start in range(0, video.num_frames - self.frames + 1, self.frames):
            video.clips.append(_clip(video, track, (start, start + self.frames)))
        return task


def _clip(video: Video, track: Track, frames: tuple[int, int]) -> Clip:
    span = (track.time_of(frames[0]), track.time_of(frames[1]))
    return Clip(uuid=clip_uuid(video.path, span), source_video=video.path, span=span, frames=frames)
