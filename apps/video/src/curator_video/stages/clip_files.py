"""Cut the clips out and say what is looked at of them, as NeMo Curator's stages do."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, cast

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_video.clips.chunk import ChunkClips
from curator_video.clips.encoders import EncoderName
from curator_video.clips.transcode import TranscodeClips
from curator_video.read.track import open_track
from curator_video.stages.frame_choice import FrameExtractionPolicy, FramePurpose
from curator_video.stages.scratch import scratch_folder
from curator_video.task import VideoTask, kept_clips


@positional(
    *("num_cpus_per_worker", "encoder", "encoder_threads", "encode_batch_size"),
    *("nb_streams_per_gpu", "use_hwaccel", "use_input_bit_rate", "num_clips_per_chunk"),
    *("ffmpeg_verbose", "verbose", "name", "ray_data_num_cpus"),
)
@dataclass(kw_only=True)
class ClipTranscodingStage(ProcessingStage[VideoTask, VideoTask]):
    """Write each clip to a file of its own, and make a task per chunk of clips.

    Clips are encoded one after the other by `encoder_threads` threads, which is what a worker takes.
    """

    num_cpus_per_worker: float = 6.0
    """Accepted: a worker takes `encoder_threads` CPUs."""
    encoder: str = "h264_nvenc"
    """One of `encoders.EncoderName`: also auto, which takes the first that works here, and copy."""
    encoder_threads: int = 1
    encode_batch_size: int = 16
    """Accepted: there are no batches."""
    nb_streams_per_gpu: int = 3
    """Accepted."""
    use_hwaccel: bool = False
    """Accepted: frames are decoded on CPUs, and are the same."""
    use_input_bit_rate: bool = False
    """Refused: clips have constant quality."""
    num_clips_per_chunk: int = 32
    ffmpeg_verbose: bool = False
    verbose: bool = False
    name: str = "clip_transcoding"
    ray_data_num_cpus: float | None = None
    """Accepted: give `resources` to `with_` instead."""
    _scratch: str = field(default_factory=scratch_folder, init=False, repr=False)
    _transcode: TranscodeClips = field(init=False, repr=False)
    _chunk: ChunkClips = field(init=False, repr=False)
    fan_out: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.use_input_bit_rate:
            raise SettingsError(
                "use_input_bit_rate=True: clips are encoded with constant quality; leave it out."
            )
        self.resources = Resources(cpus=float(max(1, self.encoder_threads)))
        self._chunk = ChunkClips(num_clips_per_chunk=self.num_clips_per_chunk)
        self._transcode = TranscodeClips(
            scratch=self._scratch,
            encoder=cast("EncoderName", self.encoder),
            threads=self.encoder_threads,
        )

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Find the encoder.

        Raises:
            SettingsError: It does not work here.
        """
        self._transcode.setup(worker_metadata)

    def process(self, task: VideoTask) -> list[VideoTask]:
        """The chunks, in the order of the clips.

        Raises:
            StorageError: A file cannot be written, as on a full disk.
        """
        done = self._transcode.process(task)
        metrics, _, _ = self._transcode.take_notes()
        self._log_metrics(metrics)
        return self._chunk.process(done)


def note_clips_without_stills(task: VideoTask, stage: str) -> VideoTask:
    """Note an error on each kept clip of which the track has no picture to look at."""
    clips = kept_clips(task)
    track = open_track(task.data.track) if clips else None
    for clip in clips:
        within = track.stills_within(clip.frames) if track else slice(0, 0)
        if within.stop <= within.start:
            clip.errors[stage] = "the track holds no still of the clip"
    return task


@positional(
    *("extraction_policies", "extract_purposes", "target_res", "verbose", "num_cpus"),
    *("target_fps", "name"),
)
@dataclass(kw_only=True)
class ClipFrameExtractionStage(ProcessingStage[VideoTask, VideoTask]):
    """Look whether there are pictures of each clip for the stages to come.

    They are the stills of the video's track, two per second and up to 256 pixels, which are on disk
    since the video was decoded: no task carries them. `embed_clips.frames_of` reads them.
    """

    extraction_policies: Sequence[FrameExtractionPolicy] = (FrameExtractionPolicy.sequence,)
    extract_purposes: Sequence[FramePurpose] | None = None
    """Accepted: the stills are the same for all purposes."""
    target_res: tuple[int, int] | None = None
    """Accepted: models scale the stills as they need them."""
    verbose: bool = False
    num_cpus: float = 3
    """Accepted: nothing is decoded here."""
    target_fps: Sequence[float] | None = None
    """Accepted: there are two per second."""
    name: str = "clip_frame_extraction"

    def __post_init__(self) -> None:
        if FrameExtractionPolicy.sequence not in self.extraction_policies:
            raise SettingsError(
                "extraction_policies without FrameExtractionPolicy.sequence: stages look at a sequence."
            )

    def process(self, task: VideoTask) -> VideoTask:
        """Note an error on each kept clip without pictures."""
        return note_clips_without_stills(task, self.name)
