"""What commands have in common that remove documents: the look at the input, the words."""

from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from curator_engine.commands.cli import JobResult
from curator_engine.counted import counted
from curator_engine.files.earlier import Earlier
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read
from curator_engine.running.run_record import changed_files
from curator_engine.stages.files import parse_size
from curator_text.commands.text_job import TextJob
from curator_text.pipelines.folders import earlier_output
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.read.preflight import check_other_fields
from curator_text.removal.remove_documents import known_path
from curator_text.removal.run_folder import FILES
from curator_text.settings import RemovalSettings


@dataclass(kw_only=True)
class RemovalJob[S: RemovalSettings, W: RemovalWorkflow[Any]](TextJob[S, W]):
    """A command that takes documents out of files and writes them to `removed/`."""

    has_kernels = True

    def check(self) -> None:
        """As the workflow, and look for the fields of the options."""
        super().check()
        settings = self.settings
        check_other_fields(
            self.files,
            id_field=settings.id_field,
            source_field=getattr(settings, "source_field", None),
        )

    @property
    def blocks(self) -> int:
        """Tasks of a step with one for each block of the input."""
        size = parse_size(self.workflow.input_blocksize)
        return sum(max(1, -(-file.size // size)) for file in self.files)

    def adopt(self, folder: str) -> Earlier | None:
        """Runs of versions without manifests."""
        return earlier_output(folder)

    def changed_files(self) -> list[str]:
        """As `files.parquet` has them."""
        path = join(self.settings.output, FILES)
        if not exists(path):
            return []
        with open_read(path) as raw:
            rows = pq.read_table(raw, columns=["path", "stamp"]).to_pylist()
        now = {known_path(file.path): file.stamp for file in self.files}
        return changed_files({row["path"]: row["stamp"] for row in rows}, now)

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
        documents, removed = facts["num_documents"], self.removed(facts)
        ratio = removed / documents if documents else 0.0
        counts = (
            f"{counted(documents, 'documents')}: {documents - removed:,} kept, {removed:,} removed ({ratio:.1%})"
            f"{self.where(facts)}, {facts['total_time']:.1f} s"
        )
        summary = {
            "documents": documents,
            "kept": documents - removed,
            "removed": removed,
            "quarantined": facts["quarantined"],
            "lost_rows": facts.get("lost_rows", 0),
            "lost_files": facts.get("lost_files", 0),
            "no_text": facts["no_text"],
            **self.more(facts),
            "alarms": facts["alarms"],
        }
        lines = [*self.before(facts), counts, *self.after(facts)]
        return self.told(facts, lines, summary, files=", ".join(self.tables()))
