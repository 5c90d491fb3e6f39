"""The commands `curator-text substring` and `curator-text lines`: from settings to a run, and what is said."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_text.commands.indexed_job import IndexedJob
from curator_text.commands.text_job import StepPlans
from curator_text.pipelines.repeats import LinesWorkflow, RepeatsWorkflow, SubstringWorkflow
from curator_text.read.columns import utf8
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.settings import LinesSettings, RepeatSettings, SubstringSettings


@dataclass(kw_only=True)
class _Repeats[S: RepeatSettings, W: RepeatsWorkflow[Any]](IndexedJob[S, W]):
    """Documents with passages that stand elsewhere as well."""

    def dry_run(self) -> DryRun:
        """Hashing is tried on the beginnings of a few files."""
        stage = self.workflow.hashing(path="")
        extent = self.tried(lambda texts: stage.hashed(*utf8(texts)))
        remove = RemoveDocuments(cache="", corpus_key="", output="")
        steps: StepPlans = {
            "hash": ([self.workflow.source(), stage], None),
            "remove": ([remove], len(self.files)),
        }
        return self.planned(
            steps,
            extent,
            below=self.against_lines(),
            # Finding and writing take about as long as reading and hashing.
            seconds=2 * extent.seconds / self.processes,
            memory_bytes=self.processes * (500 << 20),
            disk_bytes=2 * extent.input_bytes,
        )

    def after(self, facts: dict[str, Any]) -> list[str]:
        """What repeats."""
        share = facts["repeated_bytes"] / facts["text_bytes"] if facts["text_bytes"] else 0.0
        verb = "repeats" if facts["passages"] == 1 else "repeat"
        said = f"{counted(facts['passages'], 'passages')} {verb}, {share:.1%} of the text"
        if self.settings.remove == "passages":
            said += f"; they were cut out of {counted(facts['changed'], 'documents')} that stay"
        return [said, *super().after(facts)]

    def removed(self, facts: dict[str, Any]) -> int:
        """Documents that went: none if only passages/ is written."""
        return 0 if self.settings.remove == "nothing" else facts["num_removed"]

    def more(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Passages, and the documents that lost some."""
        names = ("passages", "changed", "repeated_bytes")
        return super().more(facts) | {name: facts[name] for name in names}

    def tables(self) -> list[str]:
        """As of every job, and the passages."""
        written = [] if self.settings.remove == "nothing" else ["data/", "removed/"]
        return ["report.html", *written, "passages/", "run.json"]


class Substring(_Repeats[SubstringSettings, SubstringWorkflow]):
    """Passages that stand at an earlier place as well."""

    of = SubstringWorkflow


class Lines(_Repeats[LinesSettings, LinesWorkflow]):
    """Lines or paragraphs that stand in the corpus too often."""

    of = LinesWorkflow
