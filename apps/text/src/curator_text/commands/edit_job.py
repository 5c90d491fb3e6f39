"""What commands have in common that change texts: the dry run, the counts."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.resources import usable_cpus
from curator_engine.stage import AnyStage
from curator_engine.stages.files import parse_size
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.step_plans import plan_lines
from curator_text.editing.list_edits import ListEdits
from curator_text.pipelines.edit_workflow import EditWorkflow
from curator_text.read.preflight import extrapolate
from curator_text.removal.rewrite_documents import RewriteDocuments
from curator_text.settings import EditSettings


@dataclass(kw_only=True)
class EditJob[S: EditSettings, W: EditWorkflow[Any]](RemovalJob[S, W]):
    """A command that changes texts."""

    def about(self) -> str:
        """A line on what is done, for a dry run."""
        return ""

    def dry_run(self) -> DryRun:
        """Editing is tried on the beginnings of a few files."""
        settings, files, workers = self.settings, self.files, self.workers()
        extent = extrapolate(
            files,
            field=settings.text_field,
            work=self.workflow.editor.edit,
            limit=settings.limit,
        )
        total, processes = sum(file.size for file in files), workers or usable_cpus()
        executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
        size = parse_size(EditWorkflow.input_blocksize)
        blocks = sum(max(1, -(-file.size // size)) for file in files)
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        steps: dict[str, tuple[list[AnyStage], int | None]] = {
            "edit": ([self.workflow.source(), self.workflow.edit_stage()], None),
            "list_edits": ([ListEdits(**common, rules=[])], blocks),
            "remove": ([RewriteDocuments(**common)], len(files)),
        }
        return DryRun(
            lines=[
                *plan_lines(steps, executor),
                self.about(),
                f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(extent.documents, 'documents')}",
            ],
            seconds=round(extent.seconds / processes + 1, 1),
            memory_bytes=processes * (400 << 20),
            disk_bytes=2 * extent.input_bytes,
            summary={"files": len(files), "input_bytes": total, "documents": extent.documents},
        )

    def where(self, facts: dict[str, Any]) -> str:
        """How many stay with another text."""
        return f", {facts['changed']:,} changed"

    def after(self, facts: dict[str, Any]) -> list[str]:
        """What each rule met, in the order of rules."""
        whole = max(1, facts["num_documents"])
        dropped = facts["dropped"]
        lines: list[str] = []
        for name, count in facts["documents"].items():
            more = f", {dropped[name]:,} dropped" if dropped.get(name) else ""
            if count:
                lines.append(f"  {name}: {count:,} ({count / whole:.1%}){more}")
        lines += [
            f"  {name}: {count:,} dropped"
            for name, count in dropped.items()
            if name not in facts["documents"]
        ]
        return lines

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Documents by the rules that edit them, and those that go by rule."""
        edited = {name: count for name, count in facts["documents"].items() if count}
        return {"changed": facts["changed"], "edited": edited, "rules": facts["dropped"]}

    def tables(self) -> list[str]:
        """As of every job, and what changed."""
        return ["report.html", "data/", "removed/", "changes/", "run.json"]
