"""Blend files of tokens: look at the documents, draw of each source what its weight asks for, write the parts, count leaks.

data/                 the blend; with parts data/train/, data/validation/ and data/test/
sources.parquet       what each source gives
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import pyarrow as pa

from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, remove, remove_tree
from curator_engine.pipeline import Executor
from curator_engine.stages.files import parse_size
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.blend.amounts import (
    Amount,
    parse_count,
    parse_fraction,
    parse_weights,
    plan_amounts,
)
from curator_text.blend.count_leaks import RANGE_DOCUMENTS, CountLeaks, Leaks, added_leaks
from curator_text.blend.draw_documents import DrawDocuments
from curator_text.blend.groups import CLUSTER, SITE, TEXT, fields_needed, parse_split
from curator_text.blend.measure_documents import MeasureDocuments
from curator_text.blend.source_counts import (
    Counts,
    add_counts,
    all_of,
    find_draws,
    source_rows,
)
from curator_text.blend.sources import (
    ENDINGS,
    PARTS,
    InputFolder,
    InputShard,
    fields_of,
    input_folders,
    paths_by_name,
    weights_of,
)
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.removal.run_folder import SOURCES
from curator_text.removal.sources import MAX_SOURCES
from curator_text.report.blend_lines import alarm_lines, limit_lines, plan_lines
from curator_text.report.blend_page import build_page
from curator_text.token_settings import BlendSettings
from curator_text.tokenize.gather_runs import RANGE_BYTES, GatherRuns
from curator_text.tokenize.runs import Run, save_runs
from curator_text.tokenize.shard_layout import shuffled
from curator_text.tokenize.token_files import TOKENS_FILE, TYPES
from curator_text.tokenize.token_record import TokenRecord
from curator_text.version import __version__

DATA = "data"
_SHOWN_SOURCES = 100
"""Sources in run.json; all are in sources.parquet."""


@dataclass(kw_only=True)
class BlendWorkflow(FolderWorkflow[BlendSettings]):
    """Mix files of tokens by weights; `curator-text blend` in Python.

    Example:
        >>> settings = BlendSettings(
        ...     inputs=["web", "books"], output="blend", weights=["web=0.7,books=0.3"]
        ... )
        >>> BlendWorkflow(settings=settings).run().metadata["num_tokens"]
        1000000
    """

    job, title, version = "blend", "blend", __version__
    draw = staticmethod(build_page)
    say: Callable[[Sequence[str]], None] | None = field(default=None, init=False)
    """Is told what will be drawn, before it is."""

    @property
    def extensions(self) -> list[str] | None:
        """Those of all files that such folders have."""
        return list(ENDINGS)

    @cached_property
    def input(self) -> list[InputFolder]:
        """The folders of tokens."""
        return input_folders(self.listed().files)

    @property
    def shards(self) -> list[InputShard]:
        """All their files."""
        return [shard for folder in self.input for shard in folder.shards]

    # Before the run.

    def check(self) -> None:
        """Look at the settings."""
        self.settings.check()
        parse_weights(self.settings.weights)
        _ = self.max_epochs, self.tokens, self.shares

    @property
    def max_epochs(self) -> Fraction | None:
        """As it was given."""
        given = self.settings.max_epochs
        return None if given is None else parse_fraction(str(given), "--max-epochs", str(given))

    @property
    def tokens(self) -> int | None:
        """As they were given."""
        given = self.settings.tokens
        return None if given is None else parse_count(given, "--tokens")

    @property
    def shares(self) -> list[Fraction]:
        """Of the parts; one, if there are none."""
        return parse_split(self.settings.split) if self.settings.split else [Fraction(1)]

    @property
    def parts(self) -> Sequence[str]:
        """The folders of the parts; one without a name, if there are none."""
        return PARTS[: len(self.shares)] if self.settings.split else ("",)

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """By what leaks are counted, each with the fields that it needs: texts, and what else the tables tell."""
        if not self.settings.split:
            return {}
        fields, split_by = fields_of(self.input), self.settings.split_by
        found = {TEXT: list[str](), split_by: fields_needed(split_by, fields)}
        for name in (SITE, CLUSTER):
            try:
                found.setdefault(name, fields_needed(name, fields))
            except SettingsError:
                continue
        return found

    def look(self, executor: Executor) -> None:
        """Look at the folders, and for what documents are split by."""
        if not sum(folder.tokens for folder in self.input):
            raise InputError("the input has no tokens; give other folders.")
        _ = self.groups
        if not self.settings.by_source:
            self.weights([folder.name for folder in self.input])

    def weights(self, sources: Sequence[str]) -> dict[str, Fraction]:
        """The weights, by the names of sources.

        Raises:
            SettingsError: One is of a source that there is not, or a source has none.
        """
        known = {} if self.settings.by_source else paths_by_name(self.input)
        return weights_of(parse_weights(self.settings.weights), sources, known=known)

    def folders(self, inputs: Sequence[str]) -> ExitStack:
        """The output and the cache."""
        given: dict[str, Any] = {"version": self.version, "inputs": inputs}
        with ExitStack() as stack:
            stack.enter_context(take(self.settings.output, job=self.job, **given))
            if self.kept_cache:
                stack.enter_context(take(self.kept_cache, job="cache", **given))
            return stack.pop_all()

    # What is drawn.

    @property
    def input_key(self) -> str:
        """Changes with the input and the parts."""
        files = [f"{file.path} {file.stamp}" for file in self.listed().files]
        settings = self.settings
        how = (settings.by_source, settings.split, settings.split_by, settings.split_seed)
        return short_hash(repr(how), *files)

    def measure_stage(self) -> MeasureDocuments:
        """The stage that looks at the documents."""
        settings = self.settings
        return MeasureDocuments(
            cache=self.cache,
            shards=self.shards,
            by_source=settings.by_source,
            split_by=settings.split_by,
            groups=self.groups,
            shares=[str(share) for share in self.shares],
            split_seed=settings.split_seed,
            input_key=self.input_key,
        )

    def amounts(self, counts: Counts) -> list[Amount]:
        """What each source is to give.

        Raises:
            CuratorError: The weights do not fit the sources.
        """
        sources = list(counts[PARTS[0]])
        if len(sources) > MAX_SOURCES:
            raise InputError(
                f"--by-source finds more than {MAX_SOURCES:,} sources; tokenize with a --source-field of fewer values."
            )
        there = {name: size for name, (_, size) in counts[PARTS[0]].items()}
        found: dict[str, Any] = {"tokens": self.tokens, "max_epochs": self.max_epochs}
        return plan_amounts(there, self.weights(sources), **found)

    def counted(self, records: Sequence[Sequence[Sequence[Any]]]) -> Counts:
        """What the files have, added up, from what `MeasureDocuments` counted in each."""
        folders = [] if self.settings.by_source else [folder.name for folder in self.input]
        return add_counts(folders, records)

    # The run.

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Measure, draw, write, count leaks; each `tokens.json` comes last."""
        if tasks is not None:
            raise SettingsError("blend takes folders; give them as `inputs` of the settings.")
        shards = [PartitionTask(data=number) for number in range(len(self.shards))]
        measured = _by_number(steps.run("measure", self.measure_stage(), shards))
        names = [each["names"] for each in measured]
        counts = self.counted([each["counts"] for each in measured])
        facts["lacking"] = sum(each["lacking"] for each in measured)
        amounts = self.amounts(counts)
        if self.say:
            self.say(plan_lines(amounts, counts, self.settings))
        common: dict[str, Any] = {
            "cache": self.cache,
            "shards": self.shards,
            "names": names,
            "seed": self.settings.seed,
        }
        common |= {"draws": find_draws(amounts, **common), "input_key": self.input_key}
        fields = fields_of(self.input)
        drawn = _by_number(steps.run("draw", DrawDocuments(**common, fields=fields), shards))
        rows = source_rows(amounts, counts, [each["given"] for each in drawn])
        facts |= self._source_facts(rows, counts)
        facts["parts"] = {}
        for part in self.parts:
            facts["parts"][part or PARTS[0]] = self._write(steps, part, drawn, fields)
        facts["leaks"] = self._leaks(steps, common, counts)
        self._finish(facts)
        facts["alarms"] = [*limit_lines(amounts), *alarm_lines(facts, self.settings)]

    def _source_facts(self, rows: Sequence[dict[str, Any]], counts: Counts) -> dict[str, Any]:
        """What each source gives; also written to a table."""
        write_table(join(self.settings.output, SOURCES), pa.Table.from_pylist(list(rows)))
        documents, tokens = all_of(counts)
        return {
            "sources": rows[:_SHOWN_SOURCES],
            "num_sources": len(rows),
            "num_input_documents": documents,
            "num_input_tokens": tokens,
            "unused_documents": sum(row["unused_documents"] for row in rows),
            "unused_tokens": sum(row["unused_tokens"] for row in rows),
        }

    def _write(
        self, steps: Steps, part: str, drawn: Sequence[Mapping[str, Any]], fields: Sequence[str]
    ) -> dict[str, int]:
        """Write the files of a part; what it has."""
        settings, first = self.settings, self.input[0].record
        number, kind = PARTS.index(part or PARTS[0]), first.token_type
        found = [run for record in drawn for run in record["runs"] if run[0] == number]
        runs = [Run(stem=stem, kind=kind, documents=count) for _, stem, count in found]
        cache = join(self.cache, f"runs-{PARTS[number]}")
        save_runs(cache, runs)
        size = TYPES[kind].itemsize
        layout = shuffled(
            runs,
            shard_tokens=max(1, parse_size(settings.shard_size) // size),
            range_tokens=RANGE_BYTES // size,
            first_shard=0,
            first_document=0,
        )
        folder = join(self.settings.output, DATA, part) if part else join(settings.output, DATA)
        writer = GatherRuns(
            cache=cache,
            output=folder,
            form=settings.output_format,
            kind=kind,
            shards=layout,
            fields=["epoch", "part", *fields],
            sequence_length=settings.sequence_length,
            runs_key=short_hash(self.input_key, repr(self.recorded())),
        )
        tasks = [PartitionTask(data=number) for number in range(len(layout))]
        written = steps.run(f"write-{PARTS[number]}", writer, tasks)
        shards = sorted((task._metadata for task in written), key=lambda each: each["name"])
        record = replace(
            first,
            format=settings.output_format,
            fields=list(fields),
            sequence_length=settings.sequence_length,
            documents=0,
            tokens=0,
            appended=0,
            shards=[],
            files=[],
        )
        record.add(shards, [])
        self._records[folder] = record
        counted = {"documents": record.documents, "tokens": record.tokens, "files": len(shards)}
        if settings.sequence_length:
            counted |= {
                name: sum(each[name] for each in shards) for name in ("sequences", "left_out")
            }
        return counted

    @cached_property
    def _records(self) -> dict[str, TokenRecord]:
        """The records of the folders that were written, by folder."""
        return {}

    def _leaks(self, steps: Steps, common: Mapping[str, Any], counts: Counts) -> Leaks:
        if not self.groups:
            return {}
        documents, _ = all_of(counts)
        ranges = max(1, -(-documents // RANGE_DOCUMENTS))
        stage = CountLeaks(**common, groups=list(self.groups), ranges=ranges)
        return added_leaks(
            steps.run("leaks", stage, [PartitionTask(data=i) for i in range(ranges)])
        )

    def _finish(self, facts: dict[str, Any]) -> None:
        """Remove what another blend has left in `data/`, and write the records."""
        parts: Mapping[str, Mapping[str, int]] = facts["parts"]
        facts["num_documents"] = sum(part["documents"] for part in parts.values())
        facts["num_tokens"] = sum(part["tokens"] for part in parts.values())
        facts["token_type"] = self.input[0].record.token_type
        data = join(self.settings.output, DATA)
        for part in PARTS:
            if join(data, part) not in self._records:
                remove_tree(join(data, part))
        if data not in self._records:
            for name in list_names(data):
                if name.startswith("part-") or name == TOKENS_FILE:
                    remove(join(data, name))
        for folder, record in self._records.items():
            record.write(folder)

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether the files are written."""
        return "num_tokens" in facts


def _by_number(tasks: Sequence[FileGroupTask]) -> list[dict[str, Any]]:
    return sorted((task._metadata for task in tasks), key=lambda each: each["number"])
