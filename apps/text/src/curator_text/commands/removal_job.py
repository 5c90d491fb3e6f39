"""What commands have in common that remove documents: the look at the input, the run, the words."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import pyarrow.parquet as pq

from curator_engine.commands.cli import JobResult
from curator_engine.commands.run_into_folder import FolderJob
from curator_engine.files.earlier import Earlier
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read
from curator_engine.pipeline import Executor
from curator_engine.running.run_record import changed_files, finished_facts, replaced
from curator_engine.stages.files import Format
from curator_engine.task import short_hash
from curator_engine.workflow import WorkflowRunResult
from curator_text import __version__
from curator_text.pipelines.folders import earlier_output
from curator_text.pipelines.run_record import tidy_up
from curator_text.read.preflight import check_other_fields, fitting_workers
from curator_text.removal.lost_rows import lost_lines
from curator_text.removal.remove_documents import known_path
from curator_text.removal.run_folder import FILES
from curator_text.settings import RemovalSettings


class Workflow(Protocol):
    """A workflow whose record says what it was a run of."""

    key: str
    cache_path: str | None

    def settings(self) -> dict[str, Any]:
        """The parameters that the result may depend on."""
        ...

    def run(self, *, executor: Executor | None = None) -> WorkflowRunResult:
        """Run it."""
        ...


@dataclass(kw_only=True)
class RemovalJob[S: RemovalSettings](FolderJob[S]):
    """A command that takes documents out of files and writes them to `removed/`."""

    version = __version__

    @property
    def file_format(self) -> Format:
        """As the option says."""
        return self.settings.format

    @cached_property
    @abstractmethod
    def workflow(self) -> Workflow:
        """The workflow of the settings."""

    def check(self) -> None:
        """Look for the fields of the options."""
        settings = self.settings
        check_other_fields(
            self.files,
            id_field=settings.id_field,
            source_field=getattr(settings, "source_field", None),
        )

    def workers(self) -> int | None:
        """One for small input."""
        return fitting_workers(self.settings.workers, self.settings.executor, self.files)

    def adopt(self, folder: str) -> Earlier | None:
        """Runs of versions without manifests."""
        return earlier_output(folder)

    def is_current(self, facts: dict[str, Any]) -> bool:
        """Whether what a finished run was compared with is as it was, given its facts."""
        return True

    def finished(self) -> dict[str, Any] | None:
        """As its key says; with `--resume`, what the run takes the place of is said."""
        workflow, output, files = self.workflow, self.settings.output, self.files
        workflow.key = short_hash(
            repr(workflow.settings()), *(f"{file.path} {file.stamp}" for file in files)
        )
        if not self.settings.resume:
            return None
        facts = finished_facts(output, workflow.key)
        if facts is not None and self.is_current(facts):
            if note := tidy_up(output, workflow.cache_path):
                self.console.warn(note)
            return facts
        changed = self._changed_files() if self.settings.limit is None else []
        line = replaced(output, workflow.settings(), key=workflow.key, files=changed)
        if facts is not None:
            line = f"{output} holds a finished run, and its index has changed since: its result is replaced"
        if line:
            self.console.say(line)
        return None

    def _changed_files(self) -> list[str]:
        """How the input differs from that of the run that the folder holds; [] if that is not known."""
        path = join(self.settings.output, FILES)
        if not exists(path):
            return []
        with open_read(path) as raw:
            rows = pq.read_table(raw, columns=["path", "stamp"]).to_pylist()
        now = {known_path(file.path): file.stamp for file in self.files}
        return changed_files({row["path"]: row["stamp"] for row in rows}, now)

    def run(self) -> dict[str, Any]:
        """Run the workflow."""
        return self.workflow.run(executor=self.executor).metadata

    def removed(self, facts: dict[str, Any]) -> int:
        """Documents that went."""
        return facts["num_removed"]

    def where(self, facts: dict[str, Any]) -> str:
        """What follows the count of documents that went, such as "in 5 clusters"."""
        return ""

    def before(self, facts: dict[str, Any]) -> list[str]:
        """Lines above the counts."""
        return []

    def after(self, facts: dict[str, Any]) -> list[str]:
        """Lines below the counts."""
        return []

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """What this job adds to the summary."""
        return {}

    def tables(self) -> list[str]:
        """What the folder holds, as the last line names it."""
        return ["report.html", "data/", "removed/", "run.json"]

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Counts, what was lost, and where the result is."""
        documents, output = facts["num_documents"], self.settings.output
        removed = self.removed(facts)
        ratio = removed / documents if documents else 0.0
        counts = (
            f"{documents:,} documents: {documents - removed:,} kept, {removed:,} removed ({ratio:.1%})"
            f"{self.where(facts)}, {facts['total_time']:.1f} s"
        )
        summary = {
            "documents": documents,
            "kept": documents - removed,
            "removed": removed,
            "quarantined": facts["quarantined"],
            "lost_rows": facts.get("lost_rows", 0),
            "lost_files": facts.get("lost_files", 0),
            "seconds": facts["total_time"],
            "no_text": facts["no_text"],
            **self.more(facts),
            "alarms": facts["alarms"],
            "output": output,
        }
        lines = [
            *self.before(facts),
            counts,
            *self.after(facts),
            *lost_lines(facts, output),
            f"result in {output}: {', '.join(self.tables())}",
        ]
        return JobResult(summary=summary, lines=lines, exit_code=3 if facts["quarantined"] else 0)
