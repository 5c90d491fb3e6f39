"""The command `curator-text tokenize`: from settings to a run, and what is said about it."""

from dataclasses import dataclass, replace
from typing import Any

from curator_engine.commands.cli import JobResult
from curator_engine.commands.run_into_folder import DryRun
from curator_engine.counted import counted
from curator_engine.running.run_record import read_record
from curator_text.commands.text_job import StepPlans, TextJob, input_line, plan_lines
from curator_text.pipelines.tokenize import TokenizeWorkflow
from curator_text.read.preflight import extrapolate
from curator_text.token_settings import TokenizeSettings
from curator_text.tokenize.gather_runs import GatherRuns
from curator_text.tokenize.token_files import TYPES

_SHOWN = 8
"""Sources that are shown."""


@dataclass(kw_only=True)
class Tokenize(TextJob[TokenizeSettings, TokenizeWorkflow]):
    """Files of tokens."""

    of = TokenizeWorkflow

    def __post_init__(self) -> None:
        """Where it appends, its folder holds a run already, or one that was killed while it appended."""
        if self.settings.append:
            self.settings = replace(self.settings, resume=True)

    def dry_run(self) -> DryRun:
        """Tokens are made of the beginnings of a few files."""
        settings, workflow = self.settings, self.workflow
        files, stage, made = workflow.listed().files, workflow.tokenize_stage(), [0]

        def work(texts: Any) -> None:
            made[0] += len(stage.encoded(texts)[0])

        read = extrapolate(files, field=settings.text_field, work=work, limit=settings.limit)
        record = workflow.new_record()
        kind = record.token_type
        write = GatherRuns(
            cache="", output="", form=record.format, kind=kind, shards=(), runs_key=""
        )
        size = read.documents * TYPES[kind].itemsize
        steps: StepPlans = {
            "tokenize": ([workflow.source(), stage], None),
            "write": ([write], 1),
        }
        total = sum(file.size for file in files)
        return DryRun(
            lines=[
                *plan_lines(steps, self.executor),
                f"{settings.tokenizer}: {counted(record.vocabulary, 'tokens')}, {kind}, {settings.output_format}",
                input_line(files, read.documents),
            ],
            seconds=round(read.seconds / self.processes + 1, 1),
            memory_bytes=self.processes * (400 << 20),
            disk_bytes=2 * read.input_bytes + size,
            summary={"files": len(files), "input_bytes": total, "documents": read.documents},
        )

    def finished(self) -> dict[str, Any] | None:
        """As of every job; with --append, whether all files are there already."""
        workflow, output = self.workflow, self.settings.output
        if workflow.earlier is None:
            return super().finished()
        if known := workflow.known_files:
            self.console.say(f"already in {output} and left out: {counted(known, 'files')}")
        workflow.key = workflow.wanted().key
        if workflow.listed().files or read_record(output).get("status") != "done":
            return None
        nothing = dict.fromkeys(("num_documents", "num_tokens", "quarantined", "lost_rows"), 0)
        return read_record(output)["facts"] | nothing | {"known_files": known}

    def result(self, facts: dict[str, Any]) -> JobResult:
        """Documents, tokens, the largest sources, and where the result is."""
        documents, tokens = facts["num_documents"], facts["num_tokens"]
        lines = [
            f"{counted(documents, 'documents')}, {counted(tokens, 'tokens')} ({facts['token_type']}), "
            f"{counted(facts['num_shards'], 'files')}, {facts['total_time']:.1f} s"
        ]
        if facts["appended"]:
            whole = f"{counted(facts['total_documents'], 'documents')}, {counted(facts['total_tokens'], 'tokens')}"
            lines.append(f"  with what was there before: {whole}")
        sources = list(facts["sources"].items())[:_SHOWN] if tokens else []
        lines += [
            f"  {name}: {counted(count, 'documents')}, {counted(size, 'tokens')} ({size / max(1, tokens):.1%})"
            for name, (count, size) in sources
        ]
        if tokens and (more := facts["num_sources"] - len(sources)) > 0:
            lines.append(f"  and {more:,} more sources: see sources.parquet")
        names = ("total_documents", "total_tokens", "appended", "num_shards")
        summary = {
            "documents": documents,
            "kept": documents,
            "removed": 0,
            "tokens": tokens,
            **{name: facts[name] for name in names},
            "known_files": facts.get("known_files", 0),
            "quarantined": facts["quarantined"],
            "lost_rows": facts.get("lost_rows", 0),
            "lost_files": facts.get("lost_files", 0),
            "sources": facts["sources"],
            "alarms": [],
        }
        return self.told(facts, lines, summary, files="report.html, data/, run.json")
