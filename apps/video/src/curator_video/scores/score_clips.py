"""Score clips by what the track shows of them: motion, exposure, standstill, bars, text.

Only numbers, always the same for the same track; `drop_clips.py` decides. What is measured on a picture
is in `motion.py`, `exposure.py` and `overlay.py`.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.device import Device, choose_device
from curator_engine.errors import SettingsError
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_video.read.track import Track, open_track
from curator_video.scores.exposure import black_ratio, clipped_ratio, frozen_ratio, grey
from curator_video.scores.motion import frame_difference, vector_motion
from curator_video.scores.overlay import letterbox_ratio, text_ratio
from curator_video.task import Clip, VideoTask

MAX_FRAMES, MAX_STILLS = 1024, 64
"""Of a longer clip, these many frames and stills are looked at, evenly spread."""

_JOIN: dict[str, Any] = {"sharpness": np.median, "blockiness": np.mean}
"""How the stills' measures become the clip's."""


@dataclass(kw_only=True)
class ScoreClips(ProcessingStage[VideoTask, VideoTask]):
    """Set the scores of each clip; ratios are in [0, 1]."""

    motion: bool = True
    """motion_global_mean, motion_per_patch_min_256, frame_difference."""
    sharpness: bool = True
    """Middle value of the stills' sharpness; see `measures.py`."""
    exposure: bool = True
    """brightness and contrast (mean and spread of grey, 0 to 1), clipped_ratio."""
    black: bool = True
    """black_ratio: share of the frames that are black."""
    frozen: bool = True
    """frozen_ratio: share of the time in which nothing changes."""
    blockiness: bool = True
    """Mean of the stills' blockiness; see `measures.py`."""
    letterbox: bool = True
    """letterbox_ratio: share of the picture that is bars."""
    damage: bool = True
    """damaged_ratio: share of the frames that are damaged or missing."""
    text: bool = True
    """text_ratio: share of the picture that is writing which stays in its place."""
    aesthetic_model: str = ""
    """Folder or hub id of the CLIP model that the head was made for; no score unless given."""
    aesthetic_head: str = ""
    """File with the head's weights: .safetensors, .pth or .pt."""
    aesthetic_reduction: Literal["mean", "min"] = "min"
    """What counts of the scores of a clip's stills, one per second."""
    device: Device = "auto"
    _aesthetic: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if bool(self.aesthetic_model) != bool(self.aesthetic_head):
            raise SettingsError(
                "the aesthetic score needs both the CLIP model and the head; give both or none."
            )
        if self.aesthetic_model and choose_device(self.device) == "gpu":
            self.resources = Resources(cpus=1.0, gpus=0.25)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the models that are given."""
        if self.aesthetic_model:
            from curator_engine.models.aesthetic import AestheticModel

            self._aesthetic = AestheticModel(
                self.aesthetic_model, self.aesthetic_head, device=self.device
            )

    def process(self, task: VideoTask) -> VideoTask:
        """Set the scores."""
        if task.data.clips:
            track = open_track(task.data.track)
            for clip in task.data.clips:
                clip.scores |= self._scores(clip, track)
                clip.damaged_frames, clip.missing_frames = track.damage_within(clip.frames)
                if self.damage:
                    bad = clip.damaged_frames + clip.missing_frames
                    frames = clip.frames[1] - clip.frames[0] + clip.missing_frames
                    clip.scores["damaged_ratio"] = bad / max(1, frames)
                track.release()
        return task

    def _scores(self, clip: Clip, track: Track) -> dict[str, float]:
        start, end = clip.frames
        frames = slice(start, end, -(-(end - start) // MAX_FRAMES))
        times, thumbs = track.times[frames], grey(track.thumbs[frames])
        within = track.stills_within(clip.frames)
        every = -(-(within.stop - within.start) // MAX_STILLS)
        stills = track.pictures(slice(within.start, within.stop, max(1, every)))
        scores: dict[str, float] = {}
        if self.motion:
            width, height = track.size_of(start)
            scores |= vector_motion(track.motion[within], (height, width))
            scores |= frame_difference(thumbs, times)
        if self.exposure:
            scores["brightness"] = float(thumbs.mean(dtype=np.float64)) / 255
            scores["contrast"] = float(thumbs.std(axis=(1, 2)).mean(dtype=np.float64)) / 255
            scores["clipped_ratio"] = clipped_ratio(stills)
        if self.black:
            scores["black_ratio"] = black_ratio(thumbs)
        if self.frozen:
            scores["frozen_ratio"] = frozen_ratio(thumbs, times)
        for name, wanted in (("sharpness", self.sharpness), ("blockiness", self.blockiness)):
            if wanted and len(stills) and name in track.measures:
                scores[name] = float(_JOIN[name](track.measures[name][within]))
        scores |= self._of_stills(stills)
        if self._aesthetic is not None:
            scores["aesthetic"] = self._aesthetic.score(
                stills[:: self._per_second(track)], reduction=self.aesthetic_reduction
            )
        return scores

    def _of_stills(self, stills: NDArray[np.uint8]) -> dict[str, float]:
        """What is measured on the stills alone; RGB, shape (stills, height, width, 3)."""
        scores: dict[str, float] = {}
        if self.letterbox:
            scores["letterbox_ratio"] = letterbox_ratio(grey(stills))
        if self.text:
            scores["text_ratio"] = text_ratio(grey(stills))
        return scores

    def _per_second(self, track: Track) -> int:
        """How many stills lie in a second."""
        seconds = max(track.end, 1e-3)
        return max(1, round(len(track.stills) / seconds))
