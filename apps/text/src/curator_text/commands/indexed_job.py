"""What the commands have in common that compare documents with those of earlier runs, in an index."""

from dataclasses import dataclass
from typing import Any

from curator_engine.counted import counted
from curator_text.commands.removal_job import RemovalJob
from curator_text.dedup.index_use import IndexUse
from curator_text.pipelines.removal_workflow import RemovalWorkflow
from curator_text.settings import RemovalSettings


@dataclass(kw_only=True)
class IndexedJob[S: RemovalSettings, W: RemovalWorkflow[Any]](RemovalJob[S, W]):
    """One whose documents are compared with those of an index, and added to it."""

    @property
    def indexes(self) -> IndexUse:
        """The indexes of the run, as its workflow has them."""
        workflow: Any = self.workflow
        return workflow.indexes

    @property
    def indexed(self) -> int:
        """Documents of the index that a new input is compared with."""
        seen = self.indexes.seen("")
        return seen.documents if seen else 0

    def against_lines(self) -> list[str]:
        """What a new input is compared with, for `--dry-run`."""
        seen = self.indexes.seen("")
        if seen is None:
            return []
        return [
            f"against: {seen.path}, {counted(seen.documents, 'documents')}, {seen.bytes / 1e6:,.1f} MB"
        ]

    def is_current(self, facts: dict[str, Any]) -> bool:
        """Whether the indexes are as they were."""
        return self.indexes.is_current(facts)

    def run(self) -> dict[str, Any]:
        """Run the workflow."""
        facts = super().run()
        index = facts.get("index", {})
        if index.get("stale"):
            self.console.warn(
                f"{index['path']} has this input from a run that kept other documents; it stays as it is."
            )
        return facts

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """With the index."""
        return super().more(facts) | {"index": facts.get("index")}

    def after(self, facts: dict[str, Any]) -> list[str]:
        """The index."""
        index = facts.get("index")
        if not index:
            return super().after(facts)
        size = f"{counted(index['documents'], 'documents')}, {index['bytes'] / 1e6:,.1f} MB"
        return [*super().after(facts), f"index in {index['path']}: {size}"]
