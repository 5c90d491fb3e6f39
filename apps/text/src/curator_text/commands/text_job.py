"""What commands have in common whose first step reads the texts of documents: their processes, their dry run."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.run_into_folder import DryRun
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_engine.files.listing import FileInfo
from curator_engine.pipeline import Executor, Pipeline
from curator_engine.resources import usable_cpus
from curator_engine.stage import AnyStage
from curator_engine.task import ArrowArray, FileGroupTask
from curator_text.classifier_settings import TrainSettings
from curator_text.read.preflight import Extent, extrapolate, fitting_workers
from curator_text.text_settings import TextSettings

type StepPlans = Mapping[str, tuple[Sequence[AnyStage], int | None]]
"""Stages and number of tasks of each step; None where it has a source of its own."""

_PROCESS_BYTES = 400 << 20
"""Memory of a process, measured."""


@dataclass(kw_only=True)
class TextJob[S: TextSettings | TrainSettings, W: FolderWorkflow[Any]](WorkflowJob[S, W]):
    """A command whose first step reads texts."""

    without_pandas = True

    def workers(self) -> int | None:
        """One for small input."""
        return fitting_workers(self.settings.workers, self.settings.executor, self.files)

    @property
    def processes(self) -> int:
        """Worker processes, as a number."""
        return self.workers() or usable_cpus()

    def tried(self, work: Callable[[ArrowArray], object]) -> Extent:
        """Do the work on the texts at the beginnings of a few files, and go on from there."""
        settings = self.settings
        return extrapolate(self.files, field=settings.text_field, work=work, limit=settings.limit)

    def planned(
        self,
        steps: StepPlans,
        extent: Extent,
        *,
        lines: Sequence[str] = (),
        below: Sequence[str] = (),
        seconds: float,
        memory_bytes: int | None = None,
        disk_bytes: int,
    ) -> DryRun:
        """A dry run: the plan of the steps, the size of the input, what they are expected to take.

        Args:
            steps: Those of the job.
            extent: How much there is to do.
            lines: What is said between the plan and the size of the input.
            below: What is said after it.
            seconds: Without the start of the processes.
            memory_bytes: 400 MiB for each process unless given.
            disk_bytes: In the output folder and the cache.
        """
        total, documents = sum(file.size for file in self.files), extent.documents
        if memory_bytes is None:
            memory_bytes = self.processes * _PROCESS_BYTES
        return DryRun(
            lines=[
                *plan_lines(steps, self.executor),
                *lines,
                input_line(self.files, documents),
                *below,
            ],
            seconds=round(seconds + 1, 1),
            memory_bytes=memory_bytes,
            disk_bytes=disk_bytes,
            summary={"files": len(self.files), "input_bytes": total, "documents": documents},
        )


def input_line(files: Sequence[FileInfo], documents: int) -> str:
    """How large the input is, for `--dry-run`."""
    total = sum(file.size for file in files)
    return f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(documents, 'documents')}"


def plan_lines(steps: StepPlans, executor: Executor) -> list[str]:
    """The plan of each step as an executor would run it, as lines to print.

    Nothing is read or started: the stages are made only to ask what their workers take.
    """
    lines: list[str] = []
    for name, (stages, count) in steps.items():
        tasks = [FileGroupTask(data=[])] * count if count else None
        head, *rest = str(Pipeline(name, stages=list(stages)).plan(executor, tasks)).splitlines()
        lines = lines or [head.replace(f"Plan: {name}, ", "plan: ")]
        lines += [f"  {name}", *(f"  {line}" for line in rest)]
    return lines
