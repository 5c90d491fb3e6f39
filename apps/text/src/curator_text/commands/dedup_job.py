"""What the three commands of deduplication have in common."""

from dataclasses import dataclass
from typing import Any

from curator_engine.counted import counted
from curator_text.commands.removal_job import RemovalJob
from curator_text.pipelines.dedup_workflow import DedupWorkflow
from curator_text.settings import RemovalSettings


@dataclass(kw_only=True)
class DedupJob[S: RemovalSettings, W: DedupWorkflow[Any]](RemovalJob[S, W]):
    """A command that removes documents for being like others."""

    def removed(self, facts: dict[str, Any]) -> int:
        """Duplicates."""
        return facts["num_duplicates"]

    def where(self, facts: dict[str, Any]) -> str:
        """How many clusters they belong to."""
        return f" in {counted(facts['clusters'], 'clusters')}"

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The number of clusters."""
        return {"clusters": facts["clusters"]}

    def tables(self) -> list[str]:
        """As of every job, and the clusters; no data/ with --ids-only."""
        data = [] if getattr(self.settings, "ids_only", False) else ["data/"]
        return ["report.html", *data, "removed/", "clusters/", "run.json"]
