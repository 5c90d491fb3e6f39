"""What a split will take, from the beginnings of a few videos that are really decoded and encoded."""

import itertools
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from curator_engine.errors import CuratorError
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import is_remote
from curator_video.clips.transcode import TranscodeClips
from curator_video.read.analyse import TrackWriter
from curator_video.read.decode import open_decoder
from curator_video.read.probe import probe_video
from curator_video.read.track import open_track
from curator_video.settings import SplitSettings
from curator_video.shots.shot_network import missing_network
from curator_video.task import Clip, Video, VideoMetadata, VideoTask

_PROBED, _DECODED, _FRAMES = 20, 3, 72
_OTHER_STAGES, _NETWORK = 1.25, 0.75
"""What scores, previews and writing make of decoding and encoding, and what TransNetV2 adds to that:
as ratios, from runs on videos of 320x180 to 1280x720."""
_START_S = 1.5
_WORKER_BYTES = 350 << 20


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What a run is expected to take."""

    videos: int
    input_bytes: int
    video_seconds: float
    seconds: float
    memory_bytes: int
    disk_bytes: int
    """In the output, and in scratch while the run lasts."""

    @property
    def times_real_time(self) -> float:
        """Seconds of video per second."""
        return self.video_seconds / self.seconds if self.seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "times_real_time": round(self.times_real_time, 2)}


@dataclass(frozen=True, kw_only=True)
class _Sample:
    """What one second of video costs."""

    seconds: float
    written_bytes: float
    track_bytes: float


def estimate(files: Sequence[FileInfo], settings: SplitSettings, *, workers: int) -> Estimate:
    """Probe some of the videos, work on the first frames of a few, and go on from there.

    Args:
        files: The videos; remote ones are not looked at, but counted as the local ones are.
        settings: Of the run.
        workers: Processes that work at the same time.
    """
    local = [file for file in files if not is_remote(file.path)]
    total = sum(file.size for file in files)
    read, length = 0, 0.0
    probed: list[tuple[FileInfo, VideoMetadata]] = []
    for file in local[:: max(1, len(local) // _PROBED)]:
        try:
            facts = probe_video(file.path).metadata
        except CuratorError:
            continue
        probed.append((file, facts))
        read, length = read + file.size, length + facts.duration
    video_seconds = length * total / read if read else 0.0
    samples = [
        sample
        for file, facts in probed[:: max(1, len(probed) // _DECODED)][:_DECODED]
        if (sample := _work(file.path, facts, settings))
    ]
    network = settings.detector in ("auto", "transnetv2") and not missing_network(settings.weights)
    others = _OTHER_STAGES + (_NETWORK if network else 0.0)
    cost = _mean([sample.seconds for sample in samples]) * others
    longest = video_seconds / len(files) if files else 0.0
    scratch = _mean([sample.track_bytes for sample in samples]) * longest * workers
    written = _mean([sample.written_bytes for sample in samples]) * video_seconds
    return Estimate(
        videos=len(files),
        input_bytes=total,
        video_seconds=round(video_seconds, 3),
        seconds=round(cost * video_seconds / workers + _START_S, 1),
        memory_bytes=workers * _WORKER_BYTES,
        disk_bytes=round(written + scratch),
    )


def _work(path: str, facts: VideoMetadata, settings: SplitSettings) -> _Sample | None:
    """Analyse and cut the first frames of a video; None if that is not possible."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = f"{scratch}/track"
        start = time.perf_counter()
        try:
            decoder = open_decoder(
                path,
                backend=settings.decoder,
                stream=facts.stream,
                stamps=facts.stamps,
                rate=facts.framerate if facts.stamps != "pts" else 0.0,
            )
            with TrackWriter(folder) as writer:
                for frame in itertools.islice(decoder.frames(motion=True), _FRAMES):
                    writer.add(frame)
                if not writer.num_frames:
                    return None
                writer.finish("", parts=decoder.parts, stamps=facts.stamps)
            track = open_track(folder)
            seconds = track.end
            clip = Clip(
                uuid="sample", source_video=path, span=(0.0, seconds), frames=(0, track.num_frames)
            )
            task = VideoTask(data=Video(path=path, metadata=facts, track=folder, clips=[clip]))
            stage = TranscodeClips(
                scratch=scratch, encoder=settings.encoder, quality=settings.quality
            )
            stage.setup()
            stage.process(task)
        except CuratorError:
            return None
        spent = time.perf_counter() - start
        size = clip.encoded.num_bytes if clip.encoded else 0
        held = sum(each.stat().st_size for each in Path(folder).iterdir())
    return _Sample(
        seconds=spent / max(seconds, 1e-3),
        written_bytes=size / max(seconds, 1e-3),
        track_bytes=held / max(seconds, 1e-3),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
