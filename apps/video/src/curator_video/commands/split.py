"""The command `curator-video split`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.commands.run_into_folder import DryRun
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.earlier import Earlier
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import join
from curator_engine.files.storage import exists
from curator_engine.models.hub_models import look_for_model
from curator_engine.pipeline import Pipeline
from curator_engine.resources import usable_cpus
from curator_engine.running.lost_rows import lost_lines, lost_rows
from curator_engine.running.progress import Progress
from curator_engine.running.run_record import (
    changed_files,
    changed_settings,
    finished_facts,
    read_record,
)
from curator_video.commands.estimate import estimate
from curator_video.pipelines.folders import earlier_output
from curator_video.pipelines.split import SplitWorkflow, forget_results, recorded
from curator_video.report.summary import left_out_line, notes_line, read_summary
from curator_video.settings import SplitSettings


class VideoProgress(Progress):
    """Progress in videos, with the rate as a multiple of real time."""

    pipeline: Pipeline | None = None

    def start(self, label: str, total: int | None, unit: str) -> None:
        """A run begins; its units are videos."""
        super().start(label, total, "videos")

    def note(self) -> str:
        """How fast video is read, such as 12.3x real time."""
        report = self.pipeline.last_run if self.pipeline else None
        seconds = self.elapsed
        if report is None or not seconds:
            return ""
        done = sum(stage.metrics.get("video_seconds", 0.0) for stage in report.stages)
        return f"{done / seconds:.1f}x real time"


@dataclass(kw_only=True)
class Split(WorkflowJob[SplitSettings, SplitWorkflow]):
    """Videos into clips."""

    of = SplitWorkflow

    @property
    def chosen(self) -> list[FileInfo]:
        """The videos that the limit leaves."""
        return self.files[: self.settings.limit]

    @cached_property
    def workflow(self) -> SplitWorkflow:
        """What runs."""
        return SplitWorkflow(
            settings=self.settings,
            files=self.files,
            passed_over=self.listing.passed_over,
            executor=self.executor,
        )

    def check(self) -> None:
        """Look at the models and options, and say which limits drop nothing."""
        _ = self.workflow
        settings = self.settings
        if settings.model:
            look_for_model(settings.model)
        if settings.aesthetic != "off" and settings.aesthetic_model:
            look_for_model(settings.aesthetic_model, option="--aesthetic-model")
        for line in settings.idle_limits():
            self.console.say(line)

    def dry_run(self) -> DryRun:
        """The beginnings of a few videos are decoded and encoded."""
        guess = estimate(self.chosen, self.settings, workers=self.settings.workers or usable_cpus())
        return DryRun(
            lines=[
                *str(self.workflow.pipeline.plan(self.workflow.executor)).splitlines(),
                f"input: {counted(guess.videos, 'videos')}, {guess.input_bytes / 1e6:,.1f} MB, "
                f"about {guess.video_seconds / 3600:,.2f} h",
            ],
            seconds=guess.seconds,
            memory_bytes=guess.memory_bytes,
            disk_bytes=guess.disk_bytes,
            pace=f"{guess.times_real_time:,.1f}x real time",
            summary=guess.to_dict(),
        )

    def adopt(self, folder: str) -> Earlier | None:
        """Runs of versions without manifests."""
        return earlier_output(folder)

    def finished(self) -> dict[str, Any] | None:
        """As its key says; with `--resume`, what cannot be gone on with is forgotten, and said."""
        settings, output, wanted = self.settings, self.settings.output, self.workflow.wanted()
        self.workflow.key = wanted.key
        if not settings.resume:
            return None
        if (done := finished_facts(output, wanted)) is not None:
            if note := self.workflow.tidy_up():
                self.console.warn(note)
            return done
        if why := _start_again(output, settings, self.chosen):
            self.console.say(f"{why}; everything is done again")
            forget_results(output)
        return None

    def run(self) -> dict[str, Any]:
        """Run the workflow."""
        if not self.settings.quiet:
            progress = VideoProgress()
            progress.pipeline = self.workflow.pipeline
            self.workflow.progress = progress
        return self.workflow.run().metadata

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Videos, clips, what was left out, and where the result is."""
        settings, summary = (
            self.settings,
            facts.get("summary") or read_summary(self.settings.output),
        )
        clips, kept = summary.get("total_num_clips", 0), summary.get("total_num_clips_passed", 0)
        seconds = float(facts.get("total_time", 0.0))
        length = float(summary.get("total_video_duration", 0.0))
        bad = facts.get("quarantined", 0)
        lines = [
            f"{counted(summary.get('num_processed_videos', 0), 'videos')}, {_length(length)}: {counted(clips, 'clips')}, "
            f"{kept:,} kept ({_length(float(summary.get('total_clip_duration', 0.0)))}), "
            f"{clips - kept:,} dropped",
            *filter(None, [left_out_line(summary), notes_line(summary)]),
            f"{seconds:.1f} s, {summary.get('times_real_time', 0.0):.1f}x real time",
        ]
        if bad:
            lines.append(f"{bad:,} in quarantine: see {join(settings.output, 'quarantine')}")
            lines += lost_lines({**facts, **lost_rows(settings.output).facts()}, settings.output)[
                1:
            ]
        if errors := summary.get("total_num_clips_with_errors", 0):
            lines.append(f"{errors:,} clips have errors: see report.html")
        lines.append(
            f"result in {settings.output}: report.html, clips/, clips.parquet, summary.json, run.json"
        )
        shown = {
            "videos": summary.get("num_processed_videos", 0),
            "video_seconds": length,
            "clips": clips,
            "kept": kept,
            "dropped": clips - kept,
            "kept_seconds": summary.get("total_clip_duration", 0.0),
            "errors": summary.get("total_num_clips_with_errors", 0),
            "quarantined": bad,
            "seconds": seconds,
            "times_real_time": summary.get("times_real_time", 0.0),
            "notes": facts.get("notes", []),
            "output": settings.output,
        }
        return JobResult(summary=shown, lines=lines, exit_code=3 if bad or errors else 0)


def _start_again(output: str, settings: SplitSettings, files: list[FileInfo]) -> str:
    """Why what an earlier run has left here cannot be gone on with; empty if it can."""
    if not exists(join(output, "run.json")):
        return ""
    record = read_record(output)
    if record.get("job") != "split":
        raise InputError(f"{output} holds a run of another job; choose another -o.")
    stamps = {file.path: file.stamp for file in files}
    if record.get("status") == "done":
        changed = list(changed_settings(record.get("settings", {}), recorded(settings)).values())
        changed += changed_files(record.get("inputs", {}), stamps)
        differs = "; ".join(changed) or "in a setting that it did not know"
        return f"the finished run is of other settings or input ({differs})"
    changes = changed_settings(record.get("settings", {}), recorded(settings))
    changes.pop("inputs", None)
    if changes:
        return f"settings changed since the last run ({'; '.join(changes.values())})"
    earlier: dict[str, str] = record.get("inputs", {})
    gone = [path for path, stamp in earlier.items() if stamps.get(path) != stamp]
    return f"{counted(len(gone), 'videos')} changed or are gone since the last run" if gone else ""


def _length(seconds: float) -> str:
    return f"{seconds / 3600:,.2f} h" if seconds >= 3600 else f"{seconds:,.1f} s"
