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

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.device import device_on
from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.listing import FileInfo, Listing
from curator_engine.files.output_folder import take
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, remove_tree
from curator_engine.pipeline import Executor, Pipeline
from curator_engine.running.run_report import RunReport
from curator_engine.running.shard_runs import ShardRun
from curator_engine.stage import AnyStage
from curator_engine.stages.files import Format, file_source
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask
from curator_video import __version__
from curator_video.clips.chunk import ChunkClips
from curator_video.clips.clip_table import CLIPS
from curator_video.clips.preview import PreviewClips
from curator_video.clips.transcode import TranscodeClips
from curator_video.clips.write import WriteClips
from curator_video.pipelines.folders import earlier_output
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.report.page import build_page
from curator_video.report.summary import build_summary, write_summary
from curator_video.score_table import SWITCHES
from curator_video.scores.drop_clips import DropClips
from curator_video.scores.embed_clips import EMBEDDING_NAMES, EmbedClips, check_models
from curator_video.scores.score_clips import ScoreClips
from curator_video.settings import SplitSettings
from curator_video.shots.find_shots import FindShots
from curator_video.shots.shot_network import check_network, network_note

NAME = "split"
RESULTS = (
    *("clips", "filtered_clips", "metas", "previews", "processed_videos", "processed_clip_chunks"),
    *(f"{name}_embd_parquet" for name in EMBEDDING_NAMES.values()),
)
"""Folders that the stages write in the output folder."""
_CACHE = ".cache"


@dataclass(kw_only=True)
class SplitWorkflow(FolderWorkflow[SplitSettings]):
    """Make clips of videos; `curator-video split` in Python.

    The result's metadata are the facts of `run.json`, and `summary`.
    """

    files: list[FileInfo] = field(default_factory=list[FileInfo])
    """The input where it is listed already, for the counts."""
    passed_over: dict[str, int] = field(default_factory=dict[str, int])
    """What was no input when it was listed, by reason."""
    executor: Executor = field(default_factory=LocalExecutor)
    """Where it will run, unless `run` is told otherwise."""
    pipeline: Pipeline = field(init=False)
    job, version = NAME, __version__
    draw = staticmethod(build_page)
    _started: str = field(default="", init=False)
    _is_joined: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if not self.settings.inputs or not self.settings.output:
            raise SettingsError("SplitWorkflow needs settings with inputs and output.")
        if self.files:
            self.listing = Listing(files=self.files, passed_over=self.passed_over)
        self.pipeline = self._build()

    @classmethod
    def reads(cls, settings: SplitSettings) -> Format:
        """Videos only."""
        return "video"

    def default_executor(self) -> Executor:
        """The workflow's own."""
        return self.executor

    def look(self, executor: Executor) -> None:
        """Build the pipeline for the executor."""
        self._is_joined = False
        self._started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
        if executor is not self.executor:
            self.executor = executor
            self.pipeline = self._build()

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output, and the folder for tracks if one is given."""
        settings: dict[str, Any] = {"version": __version__, "inputs": inputs}
        with ExitStack() as folders:
            taken = take(self.settings.output, job=NAME, adopt=earlier_output, **settings)
            folders.enter_context(taken)
            if self.settings.scratch:
                scratch = take(self.settings.scratch, job="scratch", mode="share", **settings)
                folders.enter_context(scratch)
            return folders.pop_all()

    def files_that_count(self) -> int | None:
        """As the limit says."""
        return self.settings.limit

    def recorded(self) -> dict[str, Any]:
        """The settings that the result may depend on."""
        return recorded(self.settings)

    def defaults(self) -> dict[str, Any]:
        """Those of the settings."""
        return recorded(SplitSettings())

    def first_facts(self) -> dict[str, Any]:
        """What the input is."""
        files = self.listed().files
        chosen = files[: self.settings.limit]
        return {
            "num_input_videos": len(files),
            "num_input_videos_selected": len(chosen),
            "video_bytes": sum(file.size for file in chosen),
            "embedding_algorithm": self.settings.embed,
            "passed_over": self.listed().passed_over,
        }

    def about(self) -> dict[str, Any]:
        """When it began, how it was called, what it read."""
        chosen = self.listed().files[: self.settings.limit]
        stamps = {file.path: file.stamp for file in chosen}
        return {"started": self._started, "argv": sys.argv, "inputs": stamps}

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Run the pipeline; join what it has written."""
        start, output = time.perf_counter(), self.settings.output
        checkpoint = join(self.cache, "checkpoint")
        steps.run(NAME, self.pipeline, tasks, checkpoint=checkpoint)
        table = CLIPS.join_parts(parts_of(output), output)
        note = network_note(self.settings.detector, self.settings.weights)
        facts["notes"] = [note] if note else []
        facts["total_time"] = round(time.perf_counter() - start, 3)
        counted = facts | self.counts(steps)
        counted["notes"] = [*counted["notes"], *facts["notes"]]
        summary = build_summary(output, table, counted)
        write_summary(output, summary)
        self._is_joined = True
        steps.result.add_metadata("summary", summary)

    def counts(self, steps: Steps) -> dict[str, Any]:
        """What the run counted."""
        return {"notes": [], **_counts(self.pipeline.last_run)}

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether the clips are joined."""
        return self._is_joined

    @classmethod
    def join_shards(cls, runs: Sequence[ShardRun], output: str, facts: dict[str, Any]) -> None:
        """The clips sorted, and the summary of all."""
        table = CLIPS.sorted(CLIPS.read(run.path) for run in runs)
        CLIPS.write(output, table)
        facts.pop("summary", None)
        write_summary(output, build_summary(output, table, facts))

    def _build(self) -> Pipeline:
        device = device_on(self.executor, self.settings.device)
        return build(replace(self.settings, device=device))


def build(settings: SplitSettings) -> Pipeline:
    """The pipeline: FilePartitioner ... WriteClips."""
    output, scratch = settings.output, scratch_of(settings)
    switches = {group: getattr(settings, group) != "off" for group in SWITCHES}
    has_aesthetic = settings.aesthetic != "off"
    if has_aesthetic and settings.aesthetic_model:
        check_models("--aesthetic-model")
    stages: list[AnyStage] = [
        file_source(
            file_paths=settings.inputs,
            file_format="video",
            limit=settings.limit,
            shard=settings.shard,
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
    skip |= {"output", "executor", "workers", "scratch", "max_rejected_ratio", "shard"}
    return {k: v for k, v in vars(settings).items() if k not in skip}


def forget_results(output: str) -> None:
    """Remove what an earlier run of other settings or other files has written."""
    for name in (*RESULTS, _CACHE, "quarantine"):
        if exists(join(output, name)) or name == _CACHE:
            remove_tree(join(output, name))


def _find_shots(settings: SplitSettings) -> FindShots:
    check_network(settings.detector, settings.weights)
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
    if settings.embed != "fingerprint":
        check_models(f"--embed {settings.embed}")
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
