"""The steps of a workflow: pipelines that files in the cache join, each with a checkpoint of its own."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from curator_engine.files.paths import join
from curator_engine.pipeline import Executor, Pipeline
from curator_engine.running.ledger import SETTINGS_CHANGED
from curator_engine.running.lost_rows import lost_rows
from curator_engine.running.progress import ProgressSink
from curator_engine.running.run_report import RunReport
from curator_engine.running.slurm_array import refuse_array
from curator_engine.stage import AnyStage
from curator_engine.task import FileGroupTask, Task
from curator_engine.workflow import WorkflowRunResult

type Step = Callable[[str, AnyStage, Sequence[Task[Any]] | None], list[FileGroupTask]]
"""Runs a stage on tasks as a step of this name; None for one empty task."""


@dataclass(kw_only=True)
class Steps:
    """Runs the steps of one run."""

    executor: Executor
    cache: str
    """Folder for the checkpoints."""
    output: str
    """Folder for the quarantine and the events."""
    progress: ProgressSink | None
    result: WorkflowRunResult
    """Gets the tasks that each step gives."""
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    """Wall time by step."""
    cpu_seconds: dict[str, float] = field(default_factory=dict[str, float])
    """CPU time of this process by step: all there is with one worker."""
    reports: dict[str, RunReport] = field(default_factory=dict[str, RunReport])

    def run(
        self,
        name: str,
        stages: AnyStage | list[AnyStage] | Pipeline,
        tasks: Sequence[Task[Any]] | None = None,
        *,
        checkpoint: str | None = None,
    ) -> list[FileGroupTask]:
        """Run one step.

        Args:
            name: Of the step, and of its checkpoint.
            stages: What it does.
            tasks: What it starts with; None for one empty task.
            checkpoint: Folder of its checkpoint, if it has not one by its name in the cache.

        Raises:
            StageError: It failed.
            PipelineError: This is one task of a Slurm array: a workflow looks at its whole input.
        """
        if isinstance(stages, Pipeline):
            pipeline = stages
        else:
            pipeline = Pipeline(name, stages=stages if isinstance(stages, list) else [stages])
        refuse_array()
        start, before = time.perf_counter(), time.process_time()
        try:
            found: list[Any] = pipeline.run(
                self.executor,
                None if tasks is None else list(tasks),
                checkpoint or join(self.cache, "checkpoint", name),
                run_dir=self.output,
                progress=self.progress,
            )
        finally:
            self.seconds[name] = round(time.perf_counter() - start, 3)
            self.cpu_seconds[name] = time.process_time() - before
            if pipeline.last_run:
                self.reports[name] = pipeline.last_run
        self.result.add_pipeline_tasks(name, found)
        return found

    def troubles(self) -> dict[str, Any]:
        """What went wrong, added up over the steps, and their seconds."""
        found = troubles(self.reports) | {"seconds": dict(self.seconds)}
        return found | (lost_rows(self.output).facts() if found["quarantined"] else {})


def troubles(reports: Mapping[str, RunReport]) -> dict[str, Any]:
    """What went wrong in the steps of a run, added up."""
    return {
        "quarantined": sum(report.rejected + report.failed for report in reports.values()),
        "worker_deaths": sum(report.worker_deaths for report in reports.values()),
        "notes": _notes(reports),
    }


def _notes(reports: Mapping[str, RunReport]) -> list[str]:
    """The notes of all steps, each once; which steps are done again, in one line."""
    again = [name for name, report in reports.items() if SETTINGS_CHANGED in report.notes]
    notes = dict.fromkeys(note for report in reports.values() for note in report.notes)
    notes.pop(SETTINGS_CHANGED, None)
    if again:
        notes[
            "settings, or the folder of the result, changed since the last run: "
            f"done again are the steps {', '.join(again)}; all else is used as it was left"
        ] = None
    return list(notes)
