"""An app of two steps for tests of job files: each drops lines, and leaves the others in data/."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from curator_engine.commands.cli import JobResult
from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.job_commands import with_job_files
from curator_engine.commands.settings import CommonSettings, Flag, Job, Kind, Must
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.stage import ProcessingStage
from curator_engine.stages.files import file_source
from curator_engine.task import FileGroupTask


@dataclass(frozen=True, kw_only=True)
class DropSettings(CommonSettings):
    """Settings of `lines drop`."""

    why_whole = ""
    word: str = ""
    """Drop lines with this word."""
    most: float = 1.0
    """Fail above this ratio."""
    how: Literal["any", "whole"] = "any"
    """Which lines have the word."""
    names: Annotated[str, Kind.NAME] = "plain"
    """A list of names, or where it lies."""
    against: Annotated[str | None, Kind.FOLDER, Must.EXIST] = None
    """What is read besides."""
    save: Annotated[str | None, Kind.FOLDER] = None
    """What is written besides."""
    only_count: Flag = False
    """Write no data/."""

    @property
    def writes_data(self) -> bool:
        """Not with --only-count."""
        return not self.only_count

    def check(self) -> None:
        super().check()
        if self.word == "no" and self.how == "whole":
            raise SettingsError("--word no and --how whole exclude each other; choose one.")


@dataclass(kw_only=True)
class DropLines(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write the lines of a file that have not the word; `die` kills the process once, before it is done."""

    output: str
    word: str

    def process(self, task: FileGroupTask) -> FileGroupTask:
        if self.word == "die" and not Path("died").exists():
            Path("died").write_text("", encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)
        lines = Path(task.data[0]).read_text(encoding="utf-8").splitlines(keepends=True)
        left = [line for line in lines if not self.word or self.word not in line]
        path = join(self.output, "data", task._metadata["name"])
        if left:
            write_atomic(path, "".join(left).encode())
        return FileGroupTask(data=[path], _metadata={"came": len(lines), "left": len(left)})


@dataclass(kw_only=True)
class DropWorkflow(FolderWorkflow[DropSettings]):
    """Drop lines."""

    job, version = "drop", "0.1.0"

    def check(self) -> None:
        if self.settings.names == "unknown":
            raise SettingsError("no names 'unknown'; give plain.")

    def stages(self) -> list[Any]:
        settings = self.settings
        drop = DropLines(output=settings.output, word=settings.word)
        source = file_source(file_paths=settings.inputs, limit=settings.limit, shard=settings.shard)
        return [source, drop]

    def work(self, steps: Any, tasks: Any, facts: dict[str, Any]) -> None:
        found = steps.run(self.job, self.stages(), tasks)
        facts["alarms"] = ["look at this"] if self.settings.word == "alarm" else []
        for name in ("came", "left"):
            facts[name] = sum(task._metadata[name] for task in found)


@dataclass(kw_only=True)
class DropJob(WorkflowJob[DropSettings, DropWorkflow]):
    """The command."""

    of = DropWorkflow

    def result(self, facts: dict[str, Any]) -> JobResult:
        removed = facts["came"] - facts["left"]
        summary = {"documents": facts["came"], "removed": removed, "seconds": facts["total_time"]}
        summary["alarms"] = facts["alarms"]
        return JobResult(summary=summary, lines=[f"{removed} dropped"])


JOBS = with_job_files(
    "lines",
    [
        Job(
            name=name,
            settings=DropSettings,
            run=f"{__name__}:DropJob",
            step=f"{__name__}:DropWorkflow",
            help="Drop lines.",
            example=f"lines {name} a.jsonl -o out",
        )
        for name in ("drop", "skip")
    ],
    version="0.1.0",
)
