"""The command `curator-text decontaminate`: from settings to a run, and what is said about it."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.resources import usable_cpus
from curator_engine.stage import AnyStage
from curator_engine.stages.files import FilePartitioner, parse_size
from curator_text.commands.removal_job import RemovalJob
from curator_text.commands.step_plans import plan_lines
from curator_text.content_settings import DecontaminateSettings
from curator_text.decontaminate.match_documents import MatchDocuments
from curator_text.pipelines.decontaminate import DecontaminateWorkflow, decide_stage
from curator_text.read.preflight import extrapolate
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
        settings, files, workers = self.settings, self.files, self.workers()
        index = self.workflow.build_index()
        extent = extrapolate(
            files, field=settings.text_field, work=index.find, limit=settings.limit
        )
        total, processes = sum(file.size for file in files), workers or usable_cpus()
        items, short = (sum(getattr(e, name) for e in index.files) for name in ("items", "short"))
        return DryRun(
            lines=[
                *self._step_plans(workers),
                f"evaluation sets: {counted(len(index.files), 'files')}, {counted(items, 'items')} of {len(index.anchors):,} "
                f"n-grams, {short:,} too short to be looked for; {index.nbytes / 1e6:,.1f} MB of memory",
                f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(extent.documents, 'documents')}",
            ],
            seconds=round(extent.seconds / processes + 1, 1),
            memory_bytes=processes * (400 << 20) + index.nbytes,
            disk_bytes=extent.documents * _PLACE_BYTES + extent.input_bytes,
            summary={"files": len(files), "input_bytes": total, "documents": extent.documents},
        )

    def _step_plans(self, workers: int | None) -> list[str]:
        """The plan of each step as an executor would run it, as lines to print."""
        settings, files = self.settings, self.files
        executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
        block = parse_size(DecontaminateWorkflow.input_blocksize)
        source = FilePartitioner(
            file_paths=settings.inputs, file_format=settings.format, blocksize=block
        )
        blocks = sum(max(1, -(-file.size // block)) for file in files)
        common: dict[str, Any] = {"cache": "", "corpus_key": ""}
        write = RemoveDocuments if settings.remove == "document" else RewriteDocuments
        steps: dict[str, tuple[list[AnyStage], int | None]] = {
            "match": ([source, MatchDocuments(path="", index="", index_key="")], None),
            "decide": ([decide_stage(settings, **common, index="")], blocks),
            "remove": ([write(**common, output="")], len(files)),
        }
        return plan_lines(steps, executor)

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
