"""Tokenisation: make tokens block by block, lay out the files, write them.

Each step is a pipeline of its own, joined to the next by files in the cache, so that each can run on any executor and
resumes where it was stopped. Only the first step reads texts. What the files hold depends on neither.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curator_engine.errors import InputError
from curator_engine.files.listing import Listing
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names
from curator_engine.pipeline import Executor
from curator_engine.running.lost_rows import lost_rows
from curator_engine.stages.files import cut_file, parse_size
from curator_engine.stages.small_files import task_of
from curator_engine.stages.table_files import write_table
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.pipelines.corpus_workflow import CorpusWorkflow
from curator_text.read.preflight import check_text_field
from curator_text.removal.corpus import Block, Corpus
from curator_text.removal.read_fields import ReadFields, fields_path
from curator_text.removal.remove_documents import known_path
from curator_text.removal.run_folder import SOURCES
from curator_text.removal.sources import shared_tasks
from curator_text.report.tokens_page import build_page
from curator_text.token_settings import TokenizeSettings
from curator_text.tokenize.encoders import Encoder
from curator_text.tokenize.gather_runs import (
    BY_FILE,
    BY_FOLDER,
    RANGE_BYTES,
    GatherRuns,
    SourceCounts,
    added_up,
)
from curator_text.tokenize.runs import Piece, Run, save_runs
from curator_text.tokenize.shard_layout import Shard, in_order, shuffled
from curator_text.tokenize.token_files import TYPES, token_type
from curator_text.tokenize.token_record import FileRecord, TokenRecord, has_record
from curator_text.tokenize.tokenize_documents import TokenizeDocuments

DATA = "data"
_SHOWN_SOURCES = 100
"""Sources in run.json; all are in sources.parquet."""


@dataclass(kw_only=True)
class TokenizeWorkflow(CorpusWorkflow[TokenizeSettings]):
    """Make tokens of documents, and write them to files that a trainer maps into memory.

    Example:
        >>> settings = TokenizeSettings(inputs=["corpus"], output="tokens", tokenizer="gpt2/")
        >>> TokenizeWorkflow(settings=settings).run()
    """

    job, title = "tokenize", "tokenization"
    draw = staticmethod(build_page)
    unrecorded: ClassVar[frozenset[str]] = frozenset({"append"})
    same_in_shards: ClassVar[frozenset[str]] = frozenset({"vocabulary", "token_type"})

    @cached_property
    def encoder(self) -> Encoder:
        """The tokenizer."""
        return self.tokenize_stage().encoder()

    def tokenize_stage(self, path: str = "") -> TokenizeDocuments:
        """The stage that makes tokens, and writes into a folder."""
        settings = self.settings
        return TokenizeDocuments(
            path=path,
            **self.reads_texts,
            tokenizer=settings.tokenizer,
            end_token=settings.end_token,
            append_end=settings.append_end,
            split_pattern=settings.split_pattern,
            seed=settings.seed if settings.shuffle else None,
        )

    @property
    def data(self) -> str:
        """Folder of the files of tokens."""
        return join(self.settings.output, DATA)

    @cached_property
    def earlier(self) -> TokenRecord | None:
        """What is there already, to be added to."""
        if not self.settings.append or not has_record(self.data):
            return None
        return TokenRecord.read(self.data)

    def new_record(self) -> TokenRecord:
        """The record of a folder without files."""
        settings, encoder = self.settings, self.encoder
        return TokenRecord(
            format=settings.output_format,
            token_type=token_type(encoder.vocabulary),
            vocabulary=encoder.vocabulary,
            end=encoder.end if settings.append_end else None,
            tokenizer=settings.tokenizer,
            tokenizer_key=encoder.key,
            fields=settings.field_names,
        )

    # Before the run.

    def check(self) -> None:
        """Look at the settings and the tokenizer."""
        super().check()
        self.settings.check()
        _ = self.encoder

    def look(self, executor: Executor) -> None:
        """Look for the fields, and whether files can be added."""
        settings = self.settings
        if settings.inputs:
            for option, names in (
                ("text", [settings.text_field]),
                ("source", [settings.source_field] if settings.source_field else []),
                ("id", [settings.id_field] if settings.id_field else []),
                ("fields", settings.field_names),
            ):
                for name in names:
                    check_text_field(self.whole_input().files, name, option=option)
        self._look_at_earlier()

    def _look_at_earlier(self) -> None:
        output = self.settings.output
        if self.settings.append:
            if self.earlier is None and list_names(output):
                raise InputError(
                    f"{output} holds no finished result to append to; finish its run with --resume first."
                )
            if self.earlier is not None:
                self.earlier.check_same(self.new_record(), output)
        elif not self.settings.overwrite and has_record(self.data):
            appended = TokenRecord.read(self.data).appended
            if appended:
                raise InputError(
                    f"{output} has been appended to {appended} times, which this run would undo; use --append "
                    "to add files, or --overwrite to begin anew."
                )

    def whole_input(self) -> Listing:
        """All that is given, what is there already included."""
        return CorpusWorkflow.listed(self)

    def listed(self) -> Listing:
        """The input; to be appended, without the files that are there already.

        Raises:
            InputError: A file that is there has changed since.
        """
        found = self.whole_input()
        if self.earlier is None:
            return found
        there = {each.path: each.stamp for each in self.earlier.files}
        for file in found.files:
            stamp = there.get(known_path(file.path), file.stamp)
            if stamp != file.stamp:
                raise InputError(
                    f"{file.path} is in {self.settings.output} already, and has changed since; give what is new as "
                    "files of their own, or begin anew with --overwrite."
                )
        names, number = {each.name for each in self.earlier.files}, self.earlier.appended + 1
        new = [
            replace(file, name=f"append-{number}/{file.name}") if file.name in names else file
            for file in found.files
            if known_path(file.path) not in there
        ]
        return replace(found, files=new)

    @property
    def known_files(self) -> int:
        """Files of the input that are there already."""
        return len(self.whole_input().files) - len(self.listed().files)

    def recorded(self) -> dict[str, Any]:
        """With a mark of the tokenizer, whose files may change."""
        return {**super().recorded(), "tokenizer_key": self.encoder.key}

    def defaults(self) -> dict[str, Any]:
        """With the same mark."""
        return {**super().defaults(), "tokenizer_key": ""}

    # The run.

    def work(self, steps: Steps, tasks: list[FileGroupTask] | None, facts: dict[str, Any]) -> None:
        """Make tokens, lay out the files, write them; `tokens.json` comes last."""
        steps.seconds["list"] = self.looked_seconds
        settings, record = self.settings, self.earlier or self.new_record()
        facts["appended"] = record.appended
        # Each run has its own quarantine: what is added must not take the place of what is there.
        name = f"append-{record.appended + 1}" if self.earlier else "tokenize"
        stage = replace(self.tokenize_stage(join(self.cache, name)), tokenizer_key=self.encoder.key)
        corpus = self.read(steps, name, stage, self._new_tasks(tasks))
        facts["num_documents"] = corpus.count
        facts["text_bytes"] = sum(block.text_bytes for block in corpus.blocks)
        fields = self._fields()
        if fields and corpus.blocks:
            given: dict[str, Any] = {"cache": self.cache, "corpus_key": corpus.key}
            reader = ReadFields(**given, fields=dict.fromkeys(fields, "string"))
            steps.run("fields", reader, shared_tasks(corpus))
        runs = list(
            runs_of(
                corpus,
                cache=self.cache,
                kind=record.token_type,
                with_fields=bool(fields),
                low=not settings.shuffle,
            )
        )
        save_runs(self.cache, runs)
        shards = self._layout(runs, record)
        writer = GatherRuns(
            cache=self.cache,
            output=self.data,
            form=record.format,
            kind=record.token_type,
            shards=shards,
            source_by=settings.source_field or (BY_FOLDER if _has_folders(corpus) else BY_FILE),
            fields=settings.field_names,
            runs_key=short_hash(corpus.key, repr(self.recorded())),
        )
        written = steps.run("write", writer, [PartitionTask(data=i) for i in range(len(shards))])
        self._finish(corpus, runs, written, record, facts)

    def _new_tasks(self, tasks: list[FileGroupTask] | None) -> list[FileGroupTask] | None:
        """What is read: the files that are new, if some are there already."""
        if tasks is not None or self.earlier is None:
            return tasks
        size, files = parse_size(self.input_blocksize), self.listed().files
        return [
            replace(task_of([(file.path, file.name, file.stamp)], first=number), span=span)
            for number, file in enumerate(files)
            for span in cut_file(file, size)
        ]

    def _fields(self) -> list[str]:
        settings = self.settings
        source = [settings.source_field] if settings.source_field else []
        return list(dict.fromkeys([*settings.field_names, *source]))

    def _layout(self, runs: list[Run], record: TokenRecord) -> list[Shard]:
        size = TYPES[record.token_type].itemsize
        given: dict[str, Any] = {
            "shard_tokens": max(1, parse_size(self.settings.shard_size) // size),
            "first_shard": len(record.shards),
            "first_document": record.documents,
        }
        if not self.settings.shuffle:
            return in_order(runs, **given)
        return shuffled(runs, range_tokens=RANGE_BYTES // size, **given)

    def _finish(
        self,
        corpus: Corpus,
        runs: list[Run],
        written: list[FileGroupTask],
        record: TokenRecord,
        facts: dict[str, Any],
    ) -> None:
        """Say what was written, in the record last."""
        shards = sorted((task._metadata for task in written), key=lambda each: each["name"])
        sources = added_up(written)
        facts["num_tokens"] = sum(each["tokens"] for each in shards)
        facts |= {"vocabulary": record.vocabulary, "token_type": record.token_type}
        facts["num_shards"] = len(shards)
        facts["sources"] = dict(list(sources.items())[:_SHOWN_SOURCES])
        facts["num_sources"] = len(sources)
        save_sources(self.settings.output, sources)
        if self.earlier is not None:
            facts["known_files"] = self.known_files
            record.appended += bool(self.listed().files)
        record.add(shards, _files(corpus, runs))
        record.write(self.data)
        facts |= {"total_documents": record.documents, "total_tokens": record.tokens}
        facts["appended"] = record.appended

    def counts(self, steps: Steps) -> dict[str, Any]:
        """Of this run: what earlier ones lost, to which it adds, is in the same quarantine."""
        found = super().counts(steps)
        if self.earlier is None or not found["quarantined"]:
            return found
        return found | lost_rows(self.settings.output, of=steps.reports).facts()

    def has_result(self, facts: dict[str, Any]) -> bool:
        """Whether the files are written."""
        return "num_tokens" in facts


def runs_of(
    corpus: Corpus, *, cache: str, kind: str, with_fields: bool, low: bool
) -> Iterator[Run]:
    """The runs that the first step has written, in the order of the documents.

    Args:
        corpus: The documents.
        cache: Has the fields.
        kind: Type of the tokens.
        with_fields: Whether fields were read.
        low: Whether keys are to be numbers of documents.
    """
    firsts = corpus.first_lines
    numbers, known = corpus.bases.tolist(), dict[str, int]()
    places = enumerate(corpus.blocks)
    for _, found in groupby(places, key=lambda each: each[1].task_id):
        blocks = list(found)
        b, first = blocks[0]
        known.setdefault(first.source, b)
        start = known[first.source]
        yield Run(
            stem=corpus.path(first, ""),
            kind=kind,
            low=numbers[b] if low else None,
            documents=sum(block.documents for _, block in blocks),
            pieces=tuple(
                Piece(first=block.first, name=block.name, first_line=firsts[i])
                for i, block in blocks
            ),
            fields=fields_path(cache, [start]) if with_fields else "",
            fields_first=numbers[b] - numbers[start],
        )


def _has_folders(corpus: Corpus) -> bool:
    return any("/" in block.name for block in corpus.blocks)


def _files(corpus: Corpus, runs: list[Run]) -> list[FileRecord]:
    """Documents and tokens of each file of the input."""
    tokens = Counter[str]()
    for run in runs:
        table = run.table
        places: Any = table.column("place")
        lengths: Any = table.column("length")
        firsts = [piece.first for piece in run.pieces]
        at = np.searchsorted(firsts, places.to_numpy(), side="right") - 1
        sums = np.zeros(len(firsts), np.int64)
        np.add.at(sums, at, lengths.to_numpy())
        for piece, count in zip(run.pieces, sums.tolist(), strict=True):
            tokens[piece.name] += count
    blocks: dict[str, list[Block]] = {}
    for block in corpus.blocks:
        blocks.setdefault(block.name, []).append(block)
    return [
        FileRecord(
            name=name,
            path=known_path(mine[0].path),
            stamp=mine[0].stamp,
            documents=sum(block.documents for block in mine),
            tokens=tokens[name],
        )
        for name, mine in blocks.items()
    ]


def save_sources(output: str, sources: SourceCounts) -> None:
    """Write `sources.parquet`, the source with the most tokens first."""
    schema = pa.schema({"source": pa.string(), "documents": pa.int64(), "tokens": pa.int64()})
    table = {
        "source": list(sources),
        "documents": [each[0] for each in sources.values()],
        "tokens": [each[1] for each in sources.values()],
    }
    write_table(join(output, SOURCES), pa.table(table, schema))
