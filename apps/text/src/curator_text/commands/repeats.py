"""The commands `curator-text substring` and `curator-text lines`: from settings to a run, and what is said."""

from dataclasses import dataclass
from typing import Any

from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.executors.choice import make_executor
from curator_engine.failures import COMMAND_POLICY
from curator_engine.resources import usable_cpus
from curator_text.commands.indexed_job import IndexedJob
from curator_text.commands.step_plans import plan_lines
from curator_text.dedup.index_use import IndexUse
from curator_text.pipelines.repeats import LinesWorkflow, RepeatsWorkflow, SubstringWorkflow
from curator_text.read.columns import utf8
from curator_text.read.preflight import extrapolate
from curator_text.removal.remove_documents import RemoveDocuments
from curator_text.settings import LinesSettings, RepeatSettings, SubstringSettings


@dataclass(kw_only=True)
class _Repeats[S: RepeatSettings, W: RepeatsWorkflow[Any]](IndexedJob[S, W]):
    """Documents with passages that stand elsewhere as well."""

    @property
    def indexes(self) -> IndexUse:
        """As the workflow says."""
        return self.workflow.indexes

    def dry_run(self) -> DryRun:
        """Hashing is tried on the beginnings of a few files."""
        settings, files, workers = self.settings, self.files, self.workers()
        stage = self.workflow.hashing(path="")
        extent = extrapolate(
            files,
            field=settings.text_field,
            work=lambda texts: stage.hashed(*utf8(texts)),
            limit=settings.limit,
        )
        total, count = sum(file.size for file in files), extent.documents
        processes = workers or usable_cpus()
        executor = make_executor(settings.executor, workers=workers, policy=COMMAND_POLICY)
        common: dict[str, Any] = {"cache": "", "corpus_key": "", "output": ""}
        steps: dict[str, tuple[list[Any], int | None]] = {
            "hash": ([self.workflow.source(), stage], None),
            "remove": ([RemoveDocuments(**common)], len(files)),
        }
        return DryRun(
            lines=[
                *plan_lines(steps, executor),
                f"input: {counted(len(files), 'files')}, {total / 1e6:,.1f} MB, about {counted(count, 'documents')}",
                *self.against_lines(),
            ],
            # Finding and writing take about as long as reading and hashing.
            seconds=round(2 * extent.seconds / processes + 1, 1),
            memory_bytes=processes * (500 << 20),
            disk_bytes=2 * extent.input_bytes,
            summary={"files": len(files), "input_bytes": total, "documents": count},
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
