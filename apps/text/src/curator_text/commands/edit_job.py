"""What commands have in common that change texts: the dry run, the counts."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.text_job import StepPlans
from curator_text.editing.list_edits import ListEdits
from curator_text.pipelines.edit_workflow import EditWorkflow
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
        extent = self.tried(self.workflow.editor.edit)
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        steps: StepPlans = {
            "edit": ([self.workflow.source(), self.workflow.edit_stage()], None),
            "list_edits": ([ListEdits(**common, rules=[])], self.blocks),
            "remove": ([RewriteDocuments(**common)], len(self.files)),
        }
        return self.planned(
            steps,
            extent,
            lines=[self.about()],
            seconds=extent.seconds / self.processes,
            disk_bytes=2 * extent.input_bytes,
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
