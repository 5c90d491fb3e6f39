"""The command `curator-text blend`: from settings to a run, and what is said about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.commands.run_into_folder import DryRun
from curator_engine.commands.workflow_job import WorkflowJob
from curator_engine.counted import counted
from curator_engine.files.listing import Listing
from curator_text.blend.draw_documents import PIECE_BYTES
from curator_text.blend.sources import ENDINGS
from curator_text.pipelines.blend import BlendWorkflow
from curator_text.report.blend_lines import leak_lines, limit_lines, plan_lines
from curator_text.token_settings import BlendSettings
from curator_text.tokenize.gather_runs import RANGE_BYTES
from curator_text.tokenize.token_files import TYPES

_SHOWN = 20
"""Sources that are shown."""
_BYTES_PER_SECOND = 40e6
"""Of tokens that are drawn and written, by one process beside others on a slow disk."""


@dataclass(kw_only=True)
class Blend(WorkflowJob[BlendSettings, BlendWorkflow]):
    """Files of tokens of several sources."""

    of, without_pandas = BlendWorkflow, True

    @property
    def extensions(self) -> list[str] | None:
        """As the workflow lists them."""
        return list(ENDINGS)

    def listed(self) -> Listing:
        """That runs of tokenize have more than tokens is not worth a line."""
        return replace(super().listed(), passed_over={}, kept=())

    def workers(self) -> int | None:
        """One for small input."""
        given = self.settings.workers
        is_small = sum(file.size for file in self.files) < PIECE_BYTES
        return 1 if given is None and is_small and self.settings.executor == "local" else given

    def dry_run(self) -> DryRun:
        """The tables of documents are read, so that what is said is exact."""
        workflow = self.workflow
        stage = workflow.measure_stage()
        counts = workflow.counted([stage.measured(shard).counts for shard in workflow.shards])
        amounts = workflow.amounts(counts)
        tokens = sum(each.taken for each in amounts)
        size = tokens * TYPES[workflow.input[0].record.token_type].itemsize
        lines = [*plan_lines(amounts, counts, self.settings), *limit_lines(amounts)]
        return DryRun(
            lines=lines,
            seconds=round(1 + size / _BYTES_PER_SECOND, 1),
            memory_bytes=4 * RANGE_BYTES + (100 << 20),
            disk_bytes=2 * size,
            summary={
                "tokens": tokens,
                "sources": {each.source: [each.taken, each.epochs] for each in amounts},
            },
        )

    def run(self) -> dict[str, Any]:
        """As of every job; what will be drawn is said first."""
        self.workflow.say = self._say
        return super().run()

    def _say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.console.say(line)

    def result(self, facts: dict[str, Any]) -> JobResult:
        """What was written, what each source gave, and where the result is."""
        output, parts = self.settings.output, facts["parts"]
        lines = [
            f"{counted(facts['num_tokens'], 'tokens')} ({facts['token_type']}), {counted(facts['num_documents'], 'documents')}, "
            f"{facts['total_time']:.1f} s"
        ]
        sources = facts["sources"][:_SHOWN]
        lines += [f"  {_source_line(each)}" for each in sources]
        if (more := facts["num_sources"] - len(sources)) > 0:
            lines.append(f"  and {more:,} more sources: see sources.parquet")
        if len(parts) > 1 or self.settings.sequence_length:
            lines += [f"{part}: {_part_line(counts)}" for part, counts in parts.items()]
        lines += [f"in two parts: {line}" for line in leak_lines(facts["leaks"])]
        lines.append(f"result in {output}: report.html, data/, run.json")
        unused = facts["unused_documents"]
        summary = {
            "documents": facts["num_input_documents"],
            "kept": facts["num_input_documents"] - unused,
            "removed": unused,
            "rules": {"left unused": unused} if unused else {},
            "tokens": facts["num_tokens"],
            "written_documents": facts["num_documents"],
            "unused_tokens": facts["unused_tokens"],
            "seconds": facts["total_time"],
            "sources": facts["sources"],
            "parts": parts,
            "leaks": facts["leaks"],
            "alarms": facts["alarms"],
            "output": output,
        }
        return JobResult(summary=summary, lines=lines)


def _source_line(row: dict[str, Any]) -> str:
    unused = row["unused_tokens"]
    return (
        f"{row['source']}: {row['share']:.1%} of the tokens for training, {row['tokens']:,} in {counted(row['documents'], 'documents')}, "
        f"{row['epochs']:.2f} epochs"
        + (
            f"; {counted(unused, 'tokens')} in {counted(row['unused_documents'], 'documents')} left unused"
            if unused
            else ""
        )
    )


def _part_line(counts: dict[str, int]) -> str:
    packed = (
        f", {counted(counts['sequences'], 'sequences')}, {counted(counts['left_out'], 'tokens')} left over at the ends of files"
        if "sequences" in counts
        else ""
    )
    return f"{counted(counts['documents'], 'documents')}, {counted(counts['tokens'], 'tokens')}, {counted(counts['files'], 'files')}{packed}"
