"""Split: videos into clips that are scored, embedded, cut, described and written.

One pipeline does the work; what it has written is then joined to `clips.parquet`, `summary.json`,
`run.json` and `report.html`.
"""

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

from curator_engine.device import device_on
from curator_engine.errors import InterruptedRunError, SettingsError, StorageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.listing import FileInfo
from curator_engine.files.output_folder import take
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, remove_tree, remove_unfinished
from curator_engine.pipeline import Executor, Pipeline
from curator_engine.running.progress import ProgressSink
from curator_engine.running.run_record import write_record
from curator_engine.running.run_report import RunReport
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, find_inputs
from curator_engine.workflow import WorkflowBase, WorkflowRunResult
from curator_video import __version__
from curator_video.clips.chunk import ChunkClips
from curator_video.clips.clip_table import CLIPS
from curator_video.clips.preview import PreviewClips
from curator_video.clips.transcode import TranscodeClips
from curator_video.clips.write import WriteClips
from curator_video.pipelines.folders import earlier_output
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.report.page import try_report
from curator_video.report.summary import build_summary, write_summary
from curator_video.score_table import SWITCHES
from curator_video.scores.drop_clips import DropClips
from curator_video.scores.embed_clips import EMBEDDING_NAMES, EmbedClips
from curator_video.scores.score_clips import ScoreClips
from curator_video.settings import SplitSettings
from curator_video.shots.find_shots import FindShots
from curator_video.shots.shot_network import network_note

NAME = "split"
RESULTS = (
    *("clips", "filtered_clips", "metas", "previews", "processed_videos", "processed_clip_chunks"),
    *(f"{name}_embd_parquet" for name in EMBEDDING_NAMES.values()),
)
"""Folders that the stages write in the output folder."""
_CACHE = ".cache"


@dataclass(kw_only=True)
class SplitWorkflow(WorkflowBase):
    """Make clips of videos; `curator-video split` in Python."""

    settings: SplitSettings
    """`inputs` and `output` must be there."""
    progress: ProgressSink | None = None
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""
    files: list[FileInfo] = field(default_factory=list[FileInfo])
    """The input where it is listed already, for the counts."""
    passed_over: dict[str, int] = field(default_factory=dict[str, int])
    """What was no input when it was listed, by reason."""
    executor: Executor = field(default_factory=LocalExecutor)
    """Where it will run, unless `run` is told otherwise."""
    pipeline: Pipeline = field(init=False)
    _started: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if not self.settings.inputs or not self.settings.output:
            raise SettingsError("SplitWorkflow needs settings with inputs and output.")
        self.pipeline = self._build()

    def run(self, executor: Executor | None = None) -> WorkflowRunResult:
        """Run it; run again with the same folders, finished videos are not done again.

        Args:
            executor: Where to run, if not on the workflow's own.

        Returns:
            Metadata: the facts of `run.json`, and `summary`.

        Raises:
            InputError: No input.
            StageError: A stage failed.
        """
        files = self.files or find_inputs(self.settings.inputs, file_format="video").files
        settings: dict[str, Any] = {
            "version": __version__,
            "inputs": [*self.settings.inputs, *(file.path for file in files)],
        }
        with ExitStack() as folders:
            taken = take(self.settings.output, job=NAME, adopt=earlier_output, **settings)
            folders.enter_context(taken)
            if self.settings.scratch:
                scratch = take(self.settings.scratch, job="scratch", mode="share", **settings)
                folders.enter_context(scratch)
            return self._run(executor)

    def _run(self, executor: Executor | None) -> WorkflowRunResult:
        start, output = time.perf_counter(), self.settings.output
        if executor is not None and executor is not self.executor:
            self.executor = executor
            self.pipeline = self._build()
        result = WorkflowRunResult(workflow_name=NAME)
        facts: dict[str, Any] = {
            "num_input_videos": len(self.files),
            "num_input_videos_selected": len(self.files[: self.settings.limit]),
            "video_bytes": sum(file.size for file in self.files[: self.settings.limit]),
            "embedding_algorithm": self.settings.embed,
            "passed_over": self.passed_over,
            "notes": [],
        }
        self._started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        self._save("running", facts)
        status = "failed"
        try:
            tasks = self.pipeline.run(
                self.executor,
                None,
                join(output, _CACHE, "checkpoint"),
                run_dir=output,
                progress=self.progress,
            )
            result.add_pipeline_tasks(NAME, tasks)
            table = CLIPS.join_parts(parts_of(output), output)
            facts |= _counts(self.pipeline.last_run)
            note = network_note(self.settings.detector, self.settings.weights)
            facts["notes"] += [note] if note else []
            facts["total_time"] = round(time.perf_counter() - start, 3)
            summary = build_summary(output, table, facts)
            write_summary(output, summary)
            status = "done"
        except (KeyboardInterrupt, InterruptedRunError):
            status = "interrupted"
            raise
        finally:
            if status != "done":
                facts |= _counts(self.pipeline.last_run)
                facts["total_time"] = round(time.perf_counter() - start, 3)
            self._save(status, facts)
        if note := try_report(output):
            facts["notes"].append(note)
        remove_tree(join(output, _CACHE))
        result.extend_metadata({**facts, "summary": summary})
        return result

    def _build(self) -> Pipeline:
        device = device_on(self.executor, self.settings.device)
        return build(replace(self.settings, device=device))

    def _save(self, status: str, facts: dict[str, Any]) -> None:
        report = self.pipeline.last_run
        record = {
            "job": NAME,
            "version": __version__,
            "status": status,
            "started": self._started,
            "argv": sys.argv,
            "key": self.key,
            "inputs": {file.path: file.stamp for file in self.files[: self.settings.limit]},
            "settings": recorded(self.settings),
            "facts": facts,
            "steps": {NAME: report.to_dict()} if report else {},
        }
        try:
            write_record(self.settings.output, record)
        except StorageError:
            # A full disk has already been reported by what met it first.
            if status != "failed":
                raise


def build(settings: SplitSettings) -> Pipeline:
    """The pipeline: FilePartitioner ... WriteClips."""
    output, scratch = settings.output, scratch_of(settings)
    switches = {group: getattr(settings, group) != "off" for group in SWITCHES}
    has_aesthetic = settings.aesthetic != "off"
    stages: list[AnyStage] = [
        FilePartitioner(
            file_paths=settings.inputs,
            file_format="video",
            limit=settings.limit,
        ),
        ReadVideo(scratch=scratch, audio_track=settings.audio_track or ""),
        AnalyseVideo(
            scratch=scratch,
            decoder=settings.decoder,
            motion=settings.motion != "off",
            deinterlace="off" if settings.encoder == "copy" else settings.deinterlace,
            tone_map=settings.tone_map,
        ),
        _find_shots(settings),
        ScoreClips(
            **switches,
            aesthetic_model=(has_aesthetic and settings.aesthetic_model) or "",
            aesthetic_head=(has_aesthetic and settings.aesthetic_head) or "",
            device=settings.device,
        ),
        drop_clips(settings),
        *_embed(settings),
        ChunkClips(),
        TranscodeClips(
            scratch=scratch,
            encoder=settings.encoder,
            quality=settings.quality,
            ten_bit=settings.ten_bit,
            deinterlace=settings.deinterlace,
            tone_map=settings.tone_map,
            skip_filtered=not settings.keep_filtered,
        ),
        *_describe(settings),
        *([PreviewClips(output=output)] if settings.previews else []),
        WriteClips(output=output, parts=parts_of(output), remove_tracks=True),
    ]
    return Pipeline(NAME, "Videos into curated clips.", stages)


def drop_clips(settings: SplitSettings) -> DropClips:
    """The stage that drops clips, with its limits."""
    return DropClips(limits=settings.score_limits(in_force=True))


def parts_of(output: str) -> str:
    """Folder for the parts of `clips.parquet`."""
    return join(output, _CACHE, "parts")


def scratch_of(settings: SplitSettings) -> str:
    """Local folder for tracks and for clips that are being written.

    Raises:
        SettingsError: The output is remote and no folder is given.
    """
    if settings.scratch:
        return settings.scratch
    if is_remote(settings.output):
        raise SettingsError(
            f"{settings.output} is remote; give a local folder with --scratch, on a cluster one that "
            "all nodes share."
        )
    return join(settings.output, _CACHE, "scratch")


def recorded(settings: SplitSettings) -> dict[str, Any]:
    """The settings that the result may depend on, for `run.json`."""
    skip = {"json", "config", "print_config", "quiet", "verbose", "resume", "overwrite", "dry_run"}
    skip |= {"output", "executor", "workers", "scratch", "max_rejected_ratio"}
    return {k: v for k, v in vars(settings).items() if k not in skip}


def tidy_up(output: str) -> str | None:
    """Do what a run did not come to that was killed in its last moments, with its result complete.

    Returns:
        A line that says why there is no page, if it could not be written.
    """
    remove_tree(join(output, _CACHE))
    remove_unfinished(output)
    return None if exists(join(output, "report.html")) else try_report(output)


def forget_results(output: str) -> None:
    """Remove what an earlier run of other settings or other files has written."""
    for name in (*RESULTS, _CACHE, "quarantine"):
        if exists(join(output, name)) or name == _CACHE:
            remove_tree(join(output, name))


def _find_shots(settings: SplitSettings) -> FindShots:
    shortest, longest = settings.clip_seconds
    return FindShots(
        detector=settings.detector,
        threshold=settings.threshold,
        weights=settings.weights,
        device=settings.device,
        max_length_mode=settings.long_shots,
        min_length_s=shortest,
        max_length_s=longest,
        crop_s=settings.crop,
    )


def _embed(settings: SplitSettings) -> Sequence[AnyStage]:
    if settings.embed == "off":
        return []
    return [
        EmbedClips(
            kind=settings.embed,
            model=settings.model or "",
            trust_remote_code=settings.trust_remote_code,
            device=settings.device,
        )
    ]


def _describe(settings: SplitSettings) -> Sequence[AnyStage]:
    """The optional stages, which are imported only if they are asked for."""
    stages: list[AnyStage] = []
    if settings.caption:
        from curator_video.captions.caption_clips import CaptionClips

        caption = CaptionClips(
            model=settings.caption,
            endpoint_model=settings.caption_model or "",
            backend=settings.caption_backend,
            prompt_variant=settings.prompt_variant,
            prompt=settings.prompt or "",
            device=settings.device,
        )
        caption.check()
        stages.append(caption)
    if settings.caption and settings.enhance:
        from curator_video.captions.enhance_captions import EnhanceCaptions

        enhance = EnhanceCaptions(
            model=settings.enhance,
            endpoint_model=settings.enhance_model or "",
            prompt_variant=settings.prompt_variant,
            device=settings.device,
        )
        enhance.check()
        stages.append(enhance)
    if settings.transcribe:
        from curator_video.captions.transcribe import TranscribeClips

        stages.append(TranscribeClips())
    return stages


def _counts(report: RunReport | None) -> dict[str, Any]:
    """What the run counted."""
    if report is None:
        return {"quarantined": 0}
    metrics: dict[str, float] = {}
    for stage in report.stages:
        metrics |= stage.metrics
    return {
        "quarantined": report.rejected + report.failed,
        "worker_deaths": report.worker_deaths,
        "videos_resumed": report.sources_resumed,
        "processed_seconds": round(metrics.get("video_seconds", 0.0), 6),
        "full_decodes": int(metrics.get("full_decodes", 0)),
        "frames_decoded": int(metrics.get("frames_decoded", 0)),
        "notes": list(report.notes),
    }
