"""The command `curator-text decontaminate`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.text_job import StepPlans
from curator_text.content_settings import DecontaminateSettings
from curator_text.decontaminate.match_documents import MatchDocuments
from curator_text.pipelines.decontaminate import DecontaminateWorkflow, decide_stage
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.removal.rewrite_documents import RewriteDocuments

_FILES_SHOWN = 12
_PLACE_BYTES = 80
"""Disk per document in the cache."""


@dataclass(kw_only=True)
class Decontaminate(RemovalJob[DecontaminateSettings, DecontaminateWorkflow]):
    """Documents that hold items of evaluation sets."""

    of = DecontaminateWorkflow

    def dry_run(self) -> DryRun:
        """The evaluation sets are indexed, and looked for in the beginnings of a few files."""
        index = self.workflow.build_index()
        extent = self.tried(index.find)
        items, short = (sum(getattr(e, name) for e in index.files) for name in ("items", "short"))
        return self.planned(
            self._steps(),
            extent,
            lines=[
                f"evaluation sets: {counted(len(index.files), 'files')}, {counted(items, 'items')} of {len(index.anchors):,} "
                f"n-grams, {short:,} too short to be looked for; {index.nbytes / 1e6:,.1f} MB of memory"
            ],
            seconds=extent.seconds / self.processes,
            memory_bytes=self.processes * (400 << 20) + index.nbytes,
            disk_bytes=extent.documents * _PLACE_BYTES + extent.input_bytes,
        )

    def _steps(self) -> StepPlans:
        settings = self.settings
        common: dict[str, Any] = {"cache": "", "corpus_key": ""}
        match = MatchDocuments(path="", index="", index_key="")
        write = RemoveDocuments if settings.remove == "document" else RewriteDocuments
        return {
            "match": ([self.workflow.source(), match], None),
            "decide": ([decide_stage(settings, **common, index="")], self.blocks),
            "remove": ([write(**common, output="")], len(self.files)),
        }

    def where(self, facts: dict[str, Any]) -> str:
        """With --remove span, how many stay without some passages."""
        if self.settings.remove != "span":
            return ""
        return (
            f", {facts['changed']:,} changed: {counted(facts['cuts'], 'passages')} cut, "
            f"{facts['cut_chars']:,} characters"
        )

    def after(self, facts: dict[str, Any]) -> list[str]:
        """What was found of each evaluation file, the most found first."""
        found, documents = facts["found_items"], facts["found_documents"]
        order = sorted(facts["evaluation"], key=lambda e: (-documents.get(e["name"], 0), e["name"]))
        lines = [
            f"  {each['name']}: {found.get(each['name'], 0):,} of {counted(each['items'], 'items')}, "
            f"in {counted(documents.get(each['name'], 0), 'documents')}"
            + (f" ({each['short']:,} too short to be looked for)" if each["short"] else "")
            for each in order[:_FILES_SHOWN]
        ]
        if left := len(order) - len(lines):
            lines.append(f"  and {left} more evaluation files: see report.html")
        if ignored := facts["ignored_ngrams"]:
            lines.append(
                f"  {ignored:,} of {facts['ngrams']:,} n-grams are in more than "
                f"{self.settings.max_matches:,} documents and do not count"
            )
        return [*lines, f"  index of evaluation sets: {facts['index_bytes'] / 1e6:,.1f} MB"]

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """What was found of the evaluation sets."""
        names = ("evaluation", "found_items", "found_documents", "ngrams", "ignored_ngrams")
        cuts = ("changed", "cuts", "cut_chars") if self.settings.remove == "span" else ()
        return {name: facts[name] for name in (*names, "index_bytes", *cuts)}

    def tables(self) -> list[str]:
        """As of every job, and what was found."""
        cuts = ["changes/", "cuts/"] if self.settings.remove == "span" else []
        return ["report.html", "data/", "removed/", "matches/", *cuts, "run.json"]
