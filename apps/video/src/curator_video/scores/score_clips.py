"""Score clips by what the track shows of them: motion, exposure, standstill, bars, text.

Only numbers, always the same for the same track; `drop_clips.py` decides. What is measured on a picture
is in `motion.py`, `exposure.py` and `overlay.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.device import Device, choose_device
from curator_engine.errors import SettingsError
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_video.read.luma import luma_of
from curator_video.read.track import Track, open_track
from curator_video.score_table import SWITCHES
from curator_video.scores.exposure import black_ratio, clipped_ratio, frozen_ratio
from curator_video.scores.motion import frame_difference, vector_motion
from curator_video.scores.overlay import letterbox_ratio, text_ratio
from curator_video.task import Clip, VideoTask

MAX_FRAMES, MAX_STILLS = 1024, 64
"""Of a longer clip, these many frames and stills are looked at, evenly spread."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the scores of a clip are taken from."""

    luma: NDArray[np.float32]
    """Grey of its small frames, 0 to 255, shape (frames, height, width)."""
    times: NDArray[np.float64]
    """When each is shown, in seconds."""
    stills: NDArray[np.uint8]
    """RGB, two per second, shape (stills, height, width, 3)."""
    motion: NDArray[np.float32]
    """Length of the codec's motion vectors; see `vector_motion`."""
    size: tuple[int, int]
    """Height and width of the source in pixels."""
    measures: Mapping[str, NDArray[np.float32]]
    """What the decoder measured on each still at its full size; see `read/measures.py`."""
    damaged_ratio: float
    """Share of the clip's frames that are damaged or missing."""


def _of_measure(name: str, join: Any) -> Callable[[Seen], dict[str, float]]:
    """The stills' measures joined to the clip's; no score where there are none."""

    def measured(seen: Seen) -> dict[str, float]:
        known = len(seen.stills) and name in seen.measures
        return {name: float(join(seen.measures[name]))} if known else {}

    return measured


MEASURES: dict[str, Callable[[Seen], dict[str, float]]] = {
    "motion": lambda seen: {
        **vector_motion(seen.motion, seen.size),
        **frame_difference(seen.luma, seen.times),
    },
    "sharpness": _of_measure("sharpness", np.median),
    "exposure": lambda seen: {
        "brightness": float(seen.luma.mean(dtype=np.float64)) / 255,
        "contrast": float(seen.luma.std(axis=(1, 2)).mean(dtype=np.float64)) / 255,
        "clipped_ratio": clipped_ratio(seen.stills),
    },
    "black": lambda seen: {"black_ratio": black_ratio(seen.luma)},
    "frozen": lambda seen: {"frozen_ratio": frozen_ratio(seen.luma, seen.times)},
    "blockiness": _of_measure("blockiness", np.mean),
    "letterbox": lambda seen: {"letterbox_ratio": letterbox_ratio(luma_of(seen.stills))},
    "text": lambda seen: {"text_ratio": text_ratio(luma_of(seen.stills))},
    "damage": lambda seen: {"damaged_ratio": seen.damaged_ratio},
}
"""How the scores of each group are computed."""


def _with_switches[C: type](cls: C) -> C:
    """The class with a field per group of scores: whether to compute it."""
    switches = dict.fromkeys(SWITCHES, True)
    for name, on in switches.items():
        setattr(cls, name, on)
    cls.__annotations__ = {**dict.fromkeys(switches, bool), **cls.__annotations__}
    return cls


@dataclass(kw_only=True)
@_with_switches
class ScoreClips(ProcessingStage[VideoTask, VideoTask]):
    """Set the scores of each clip.

    Each group of `score_table.py` that needs no model is a field here, such as motion=True.

    Example:
        ScoreClips(text=False, blockiness=False)
    """

    if TYPE_CHECKING:

        def __init__(self, **settings: Any) -> None: ...

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
                clip.damaged_frames, clip.missing_frames = track.damage_within(clip.frames)
                clip.scores |= self._scores(clip, track)
                track.release()
        return task

    def _scores(self, clip: Clip, track: Track) -> dict[str, float]:
        start, end = clip.frames
        frames = slice(start, end, -(-(end - start) // MAX_FRAMES))
        times, thumbs = track.times[frames], luma_of(track.thumbs[frames])
        within = track.stills_within(clip.frames)
        every = -(-(within.stop - within.start) // MAX_STILLS)
        stills = track.pictures(slice(within.start, within.stop, max(1, every)))
        width, height = track.size_of(start)
        bad = clip.damaged_frames + clip.missing_frames
        seen = Seen(
            luma=thumbs,
            times=times,
            stills=stills,
            motion=track.motion[within],
            size=(height, width),
            measures={name: values[within] for name, values in track.measures.items()},
            damaged_ratio=bad / max(1, end - start + clip.missing_frames),
        )
        scores: dict[str, float] = {}
        for group, measure in MEASURES.items():
            if getattr(self, group):
                scores |= measure(seen)
        if self._aesthetic is not None:
            scores["aesthetic"] = self._aesthetic.score(
                stills[:: self._per_second(track)], reduction=self.aesthetic_reduction
            )
        return scores

    def _per_second(self, track: Track) -> int:
        """How many stills lie in a second."""
        seconds = max(track.end, 1e-3)
        return max(1, round(len(track.stills) / seconds))
