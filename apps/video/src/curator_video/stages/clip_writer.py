"""Write clips where NeMo Curator's writer does; the layout is `clips/write.py`'s."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import remove
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_engine.stage import ProcessingStage
from curator_video.clips.preview import PREVIEWS
from curator_video.clips.write import WriteClips, move_file
from curator_video.stages.scratch import scratch_folder
from curator_video.task import Clip, ClipStats, Video, VideoTask


@positional(
    *("output_path", "input_path", "upload_clips", "dry_run", "generate_embeddings"),
    *("generate_previews", "generate_captions", "embedding_algorithm", "caption_models"),
    *("enhanced_caption_models", "verbose", "max_workers", "log_stats", "name"),
)
@dataclass(kw_only=True)
class ClipWriterStage(ProcessingStage[VideoTask, VideoTask]):
    """Write a chunk of clips with previews, vectors and records; the task has counts of them.

    What there is, is written: a switch such as `generate_embeddings` makes nothing by itself. Embeddings
    are in `<model>_embd_parquet/` alone, not in pickles.
    """

    output_path: str
    input_path: str = ""
    """Accepted: names below the input folder come from the listing."""
    upload_clips: bool = True
    """Write the clips' files; else only what is known about them."""
    dry_run: bool = False
    """Write only the records of videos and chunks."""
    generate_embeddings: bool = False
    generate_previews: bool = False
    generate_captions: bool = False
    embedding_algorithm: str = "cosmos-embed1"
    caption_models: Sequence[str] | None = None
    """Accepted: captions of all models are written."""
    enhanced_caption_models: Sequence[str] | None = None
    """Accepted, likewise."""
    verbose: bool = False
    max_workers: int = 6
    """Accepted: files are written one after the other."""
    log_stats: bool = False
    """Also put the counts into the report."""
    name: str = "clip_writer"
    _scratch: str = field(default_factory=scratch_folder, init=False, repr=False)
    _write: WriteClips = field(init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("output_path",)

    def __post_init__(self) -> None:
        if not self.output_path:
            raise SettingsError(f"{self.name} needs output_path, the folder of the clips.")
        self.resources = Resources(cpus=0.25)
        parts = join(self._scratch, "parts")
        self._write = WriteClips(output=self.output_path, parts=parts, remove_tracks=True)

    def process(self, task: VideoTask) -> VideoTask:
        """Write the files of the task's clips.

        Raises:
            StorageError: A file cannot be written, or a clip's file is gone.
        """
        video = task.data
        stats = _stats(video)
        if self.dry_run:
            video = replace(video, clips=[self._without_files(clip) for clip in video.clips])
            self._write.write_records(video)
        else:
            if not self.upload_clips:
                video = replace(video, clips=[_without_file(clip) for clip in video.clips])
            for clip in video.clips:
                self._move_previews(clip)
            video = self._write.write(video)
        metrics, _, _ = self._write.take_notes()
        self._log_metrics(metrics | (vars(stats) if self.log_stats else {}))
        return replace(task, data=replace(video, clip_stats=stats))

    def _move_previews(self, clip: Clip) -> None:
        for name in _previews(clip):
            source = join(self._scratch, name)
            size = Path(source).stat().st_size if Path(source).exists() else 0
            move_file(source, join(self.output_path, name), num_bytes=size)

    def _without_files(self, clip: Clip) -> Clip:
        for name in _previews(clip):
            remove(join(self._scratch, name))
        return _without_file(replace(clip, preview=""))


def _previews(clip: Clip) -> list[str]:
    """The files of a clip's previews, from the folder that they are in."""
    if not clip.preview or "preview" in clip.errors:
        return []
    spans = [(each.start_frame, each.end_frame) for each in clip.windows]
    return [join(PREVIEWS, clip.uuid, f"{a}_{b}.webp") for a, b in spans] or [clip.preview]


def _without_file(clip: Clip) -> Clip:
    """The clip after its file is removed; what is known about it stays."""
    if clip.encoded is None:
        return clip
    if clip.encoded.path:
        remove(clip.encoded.path)
    return replace(clip, encoded=replace(clip.encoded, path=""))


def _stats(video: Video) -> ClipStats:
    """What became of the clips of a chunk."""
    clips = video.clips
    kept = [clip for clip in clips if not clip.drop_reason]
    lengths = [clip.duration for clip in kept]
    return ClipStats(
        num_filtered_by_motion=sum(clip.drop_stage == "motion" for clip in clips),
        num_filtered_by_aesthetic=sum(clip.drop_stage == "aesthetic" for clip in clips),
        num_passed=len(kept),
        num_transcoded=sum(clip.encoded is not None for clip in clips),
        num_with_embeddings=sum(bool(clip.embeddings) for clip in kept),
        num_with_caption=sum(any(w.caption for w in clip.windows) for clip in kept),
        num_with_webp=sum(bool(clip.preview) for clip in kept),
        total_clip_duration=sum(lengths),
        max_clip_duration=max(lengths, default=0.0),
    )
