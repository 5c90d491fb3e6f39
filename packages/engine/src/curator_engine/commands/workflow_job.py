"""A command that runs a workflow into a folder: what it needs to say beyond that is what it found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from curator_engine.commands.cli import JobResult
from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.run_into_folder import DryRun, FolderJob
from curator_engine.commands.settings import CommonSettings
from curator_engine.counted import counted
from curator_engine.pipeline import Pipeline
from curator_engine.running.lost_rows import lost_lines
from curator_engine.running.run_record import finished_facts, replaced
from curator_engine.stages.files import Format


@dataclass(kw_only=True)
class WorkflowJob[S: CommonSettings, W: FolderWorkflow[Any]](FolderJob[S]):
    """A command whose work is a workflow of its settings; subclasses say more of the result.

    Example:
        @dataclass(kw_only=True)
        class Count(WorkflowJob[CountSettings, CountLines]):
            of = CountLines
    """

    of: ClassVar[type[FolderWorkflow[Any]]]
    """The workflow."""

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if of := getattr(cls, "of", None):
            cls.name, cls.version = of.job, of.version

    @property
    def file_format(self) -> Format:
        """As the workflow reads it."""
        return self.of.reads(self.settings)

    @cached_property
    def workflow(self) -> W:
        """The workflow of the settings."""
        made: Any = self.of(
            settings=self.settings, listing=self.listing, progress=self.console.progress()
        )
        return made

    def check(self) -> None:
        """As the workflow looks at its settings and the input."""
        self.workflow.check()
        self.workflow.look(self.executor)

    def dry_run(self) -> DryRun:
        """The plan, and the size of the input; a job that can guess its time says it."""
        stages = self.workflow.stages()
        plan = Pipeline(self.name, stages=stages).plan(self.executor)
        size = sum(file.size for file in self.files)
        count = f"input: {counted(len(self.files), 'files')}, {size / 1e6:,.1f} MB"
        known = {"files": len(self.files), "input_bytes": size}
        return DryRun(lines=[*str(plan).splitlines(), count], summary=known)

    def is_current(self, facts: dict[str, Any]) -> bool:
        """Whether what a finished run was compared with is as it was, given its facts."""
        return True

    def changed_files(self) -> list[str]:
        """How the input differs from that of the run that the folder holds; [] if that is not known."""
        return []

    def finished(self) -> dict[str, Any] | None:
        """As its record says; with `--resume`, what the run takes the place of is said."""
        workflow, output, wanted = self.workflow, self.settings.output, self.workflow.wanted()
        workflow.key = wanted.key
        if not self.settings.resume:
            return None
        facts = finished_facts(output, wanted)
        if facts is not None and self.is_current(facts):
            if note := workflow.tidy_up():
                self.console.warn(note)
            return facts
        changed = self.changed_files() if self.settings.limit is None else []
        line = replaced(output, wanted.settings, wanted=wanted, files=changed)
        if facts is not None:
            line = f"{output} holds a finished run, and its index has changed since: its result is replaced"
        if line:
            self.console.say(line)
        return None

    def run(self) -> dict[str, Any]:
        """Run the workflow."""
        return self.workflow.run(executor=self.executor).metadata

    def result(self, facts: dict[str, Any]) -> JobResult:
        """The counts, what could not be read, and where the result is."""
        numbers = {k: v for k, v in facts.items() if isinstance(v, int | float)}
        counts = ", ".join(f"{k} {v:,}" for k, v in numbers.items())
        return self.told(facts, [counts], numbers, files="run.json")

    def told(
        self,
        facts: dict[str, Any],
        lines: Sequence[str],
        summary: Mapping[str, Any],
        *,
        files: str,
        pace: str = "",
    ) -> JobResult:
        """What a command says of a run: its own lines, what was lost, and where the result is.

        Args:
            facts: Of the run.
            lines: What the job has found out.
            summary: The same for `--json`, which says `seconds` and `output` as well.
            files: Names of what it wrote.
            pace: A line with the seconds, if they do not stand in the others.
        """
        output, seconds = self.settings.output, facts["total_time"]
        return JobResult(
            summary={**summary, "seconds": seconds, "output": output},
            lines=[
                *lines,
                *lost_lines(facts, output),
                *filter(None, [pace]),
                f"result in {output}: {files}",
            ],
            exit_code=3 if facts["quarantined"] else 0,
        )
