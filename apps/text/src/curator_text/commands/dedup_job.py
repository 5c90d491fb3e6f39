"""What the three commands of deduplication have in common."""

from dataclasses import dataclass
from typing import Any

from curator_text.commands.removal_job import RemovalJob
from curator_text.pipelines.dedup_workflow import DedupWorkflow
from curator_text.pipelines.exact import ExactWorkflow
from curator_text.pipelines.fuzzy import FuzzyWorkflow
from curator_text.settings import DedupSettings, RemovalSettings


@dataclass(kw_only=True)
class DedupJob[S: RemovalSettings, W: DedupWorkflow[Any]](RemovalJob[S, W]):
    """A command that removes documents for being like others."""

    def removed(self, facts: dict[str, Any]) -> int:
        """Duplicates."""
        return facts["num_duplicates"]

    def where(self, facts: dict[str, Any]) -> str:
        """How many clusters they belong to."""
        return f" in {facts['clusters']:,} clusters"

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The number of clusters."""
        return {"clusters": facts["clusters"]}

    def tables(self) -> list[str]:
        """As of every job, and the clusters; no data/ with --ids-only."""
        data = [] if getattr(self.settings, "ids_only", False) else ["data/"]
        return ["report.html", *data, "removed/", "clusters/", "run.json"]


@dataclass(kw_only=True)
class IndexedJob[S: DedupSettings, W: FuzzyWorkflow | ExactWorkflow](DedupJob[S, W]):
    """One whose documents are compared with those of an index, and added to it."""

    @property
    def indexed(self) -> int:
        """Documents of the index that a new input is compared with."""
        seen = self.workflow.indexes.seen("")
        return seen.documents if seen else 0

    def against_lines(self) -> list[str]:
        """What a new input is compared with, for `--dry-run`."""
        seen = self.workflow.indexes.seen("")
        if seen is None:
            return []
        return [f"against: {seen.path}, {seen.documents:,} documents, {seen.bytes / 1e6:,.1f} MB"]

    def is_current(self, facts: dict[str, Any]) -> bool:
        """Whether the indexes are as they were."""
        return self.workflow.indexes.is_current(facts)

    def run(self) -> dict[str, Any]:
        """Run the workflow."""
        facts = super().run()
        if facts.get("index", {}).get("stale"):
            self.console.warn(
                f"{self.settings.save_index} has this input from a run that kept other documents; it stays as it is."
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
        size = f"{index['documents']:,} documents, {index['bytes'] / 1e6:,.1f} MB"
        return [*super().after(facts), f"index in {index['path']}: {size}"]
