"""A job of an app: a settings class and a list of stages, nothing else."""

from dataclasses import dataclass
from pathlib import Path

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.settings import CommonSettings, Job
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.errors import InterruptedRunError
from curator_engine.files.paths import join
from curator_engine.files.storage import write_atomic
from curator_engine.stage import ProcessingStage
from curator_engine.stages.files import FilePartitioner
from curator_engine.task import FileGroupTask

ERRORS = {"fails": ValueError("no"), "stops": InterruptedRunError("terminated")}


@dataclass(frozen=True, kw_only=True)
class LineSettings(CommonSettings):
    """Settings of `lines count`."""

    word: str = ""
    """Count lines with this word only."""


@dataclass(kw_only=True)
class CountLines(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write how many lines of a file have the word."""

    output: str
    word: str

    def process(self, task: FileGroupTask) -> FileGroupTask:
        if self.word in ERRORS:
            raise ERRORS[self.word]
        lines = Path(task.data[0]).read_text(encoding="utf-8").splitlines()
        count = sum(self.word in line for line in lines)
        write_atomic(join(self.output, f"{task._metadata['name']}.count"), str(count).encode())
        return FileGroupTask(data=task.data, _metadata={"count": count})


@dataclass(kw_only=True)
class Count(FolderWorkflow[LineSettings]):
    """Lines of files."""

    job, version = "count", "0.1.0"

    def stages(self):
        count = CountLines(output=self.settings.output, word=self.settings.word)
        return [FilePartitioner(file_paths=self.settings.inputs), count]


@dataclass(kw_only=True)
class CountJob(WorkflowJob[LineSettings, Count]):
    """It as a command."""

    of = Count


JOB = Job(
    name="count",
    settings=LineSettings,
    run=f"{__name__}:CountJob",
    help="Count lines.",
    example="lines count a.jsonl -o out",
)
