"""Write files of tokens from runs: the second pass over all documents.

Writes of each file `<name>.bin`, its index, and `<name>.documents.parquet` with a row per document.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.failures import FailurePolicy
from curator_engine.files.paths import join
from curator_engine.stage import ProcessingStage
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.removal.array_files import save_array
from curator_text.removal.corpus_stage import MUST_SUCCEED
from curator_text.removal.sources import MAX_SOURCES, NONE, OTHERS
from curator_text.tokenize.runs import Run, known_runs, ordered
from curator_text.tokenize.shard_layout import Shard
from curator_text.tokenize.token_files import (
    BOUNDARIES_ENDING,
    TokenFormat,
    TokenWriter,
    write_tokens,
)

DOCUMENTS_ENDING = ".documents.parquet"
COLUMNS = ("document", "id", "source", "file", "row", "shard", "offset", "length", "text_hash")
"""Of `<name>.documents.parquet`, and then the fields that were asked for."""
BY_FILE, BY_FOLDER = "", "/"
"""What a source is, where it is no field: the file, or the folder that it is in."""
RANGE_BYTES = 128 << 20
"""Tokens of a shuffle that are in memory at a time: many runs are then read in few pieces."""

type SourceCounts = dict[str, list[int]]
"""Documents and tokens of each source."""


@dataclass(kw_only=True)
class GatherRuns(ProcessingStage[PartitionTask, FileGroupTask]):
    """Write the files of tokens that a layout names, a task each."""

    cache: str
    """Has the list of runs."""
    output: str
    """Folder for the files."""
    form: TokenFormat
    kind: str
    """Type of the tokens."""
    shards: Sequence[Shard]
    source_by: str = BY_FILE
    """Field that names the source of a document, or what else is one."""
    fields: Sequence[str] = ()
    """Fields that are written of each document."""
    sequence_length: int | None = None
    """Tokens of a sequence, if documents are packed into such; what is too short for one at the end is left out. Where each document begins is written beside them."""
    runs_key: str
    """Changes with what the runs hold."""
    failure_policy: FailurePolicy | None = field(default=MUST_SUCCEED)
    writes_to: ClassVar[tuple[str, ...]] = ("output",)

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Write one file; documents, tokens and sources are in the result's metadata."""
        shard = self.shards[task.data]
        stem = join(self.output, shard.name)
        tables, rest = list[pa.Table](), np.empty(0, np.int32)
        with write_tokens(stem, kind=self.kind, form=self.form) as out:
            for table, tokens in self._ranges(shard):
                tables.append(table)
                rest = self._write(out, tokens, table, rest)
        table = _cut(pa.concat_tables(tables), out.tokens)
        table = self._finished(table, shard)
        write_table(stem + DOCUMENTS_ENDING, table, row_group_size=1 << 16)
        facts: dict[str, Any] = {
            "name": shard.name,
            "documents": table.num_rows,
            "tokens": out.tokens,
            "left_out": len(rest),
            "sources": counts_of(table),
        }
        if self.sequence_length:
            facts["sequences"] = out.tokens // self.sequence_length
            offsets: Any = table.column("offset")
            save_array(
                stem + BOUNDARIES_ENDING, np.append(offsets.to_numpy(), out.tokens).astype("<i8")
            )
        return FileGroupTask(data=[f"{stem}.bin"], _metadata=facts)

    def _write(
        self, out: TokenWriter, tokens: NDArray[Any], table: pa.Table, rest: NDArray[Any]
    ) -> NDArray[Any]:
        """Write documents, or the sequences that are full; the tokens that are left."""
        if not self.sequence_length:
            lengths: Any = table.column("length")
            out.write(tokens, lengths.to_numpy())
            return rest
        tokens = np.concatenate([rest.astype(tokens.dtype), tokens])
        full = len(tokens) // self.sequence_length
        whole = full * self.sequence_length
        out.write(tokens[:whole], np.full(full, self.sequence_length))
        return tokens[whole:]

    def _ranges(self, shard: Shard) -> Iterator[tuple[pa.Table, NDArray[Any]]]:
        """The documents of a file in their order, and their tokens, as much at a time as memory is for."""
        runs = known_runs(self.cache)
        if not shard.ranges:
            for run in runs:
                rows = run.between(shard.low, shard.high)
                if rows.num_rows:
                    yield run.described(rows), run.tokens(rows)
            return
        width = shard.high - shard.low
        edges = [shard.low + width * i // shard.ranges for i in range(shard.ranges + 1)]
        for low, high in itertools.pairwise(edges):
            found = _gathered(runs, low, high)
            if found:
                yield found

    def _finished(self, table: pa.Table, shard: Shard) -> pa.Table:
        """The columns that are written."""
        lengths: Any = table.column("length")
        sizes: NDArray[np.int64] = lengths.to_numpy()
        count = len(sizes)
        made: dict[str, Any] = {
            "document": np.arange(count) + shard.first_document,
            "source": self._sources(table),
            "shard": pa.array([shard.name] * count, pa.string()),
            "offset": np.cumsum(sizes) - sizes,
        }
        columns: dict[str, Any] = {
            name: made[name] if name in made else table.column(name) for name in COLUMNS
        }
        columns |= {name: table.column(f"field:{name}") for name in self.fields}
        return pa.table(columns)

    def _sources(self, table: pa.Table) -> Any:
        if "source" in table.column_names:
            return table.column("source")
        if self.source_by not in (BY_FILE, BY_FOLDER):
            column: Any = table.column(f"field:{self.source_by}")
            return pc.call_function("coalesce", [column, pa.scalar(NONE)])
        files = table.column("file").combine_chunks()
        if self.source_by == BY_FILE:
            return files
        found: Any = files.dictionary_encode()
        folders = [str(PurePosixPath(name).parent) for name in found.dictionary.to_pylist()]
        return pa.array(folders, pa.string()).take(found.indices)


def _gathered(runs: Sequence[Run], low: int, high: int) -> tuple[pa.Table, NDArray[Any]] | None:
    """What of all runs has keys in a range, sorted by them; documents of one key stay in their order."""
    tables, tokens = list[pa.Table](), list[NDArray[Any]]()
    for run in runs:
        rows = run.between(low, high)
        if rows.num_rows:
            tables.append(run.described(rows))
            tokens.append(run.tokens(rows))
    if not tables:
        return None
    table = pa.concat_tables(tables)
    keys: Any = table.column("key")
    lengths: Any = table.column("length")
    order = np.argsort(keys.to_numpy(), kind="stable")
    sizes: NDArray[np.int64] = lengths.to_numpy()
    return table.take(pa.array(order, pa.int64())), ordered(
        np.concatenate(tokens), np.cumsum(sizes) - sizes, sizes, order
    )


def _cut(table: pa.Table, tokens: int) -> pa.Table:
    """The documents of the first so many tokens, the last one as much of it as is there."""
    lengths: Any = table.column("length")
    sizes: NDArray[np.int64] = lengths.to_numpy()
    ends = np.cumsum(sizes)
    if not len(ends) or ends[-1] == tokens:
        return table
    sizes = np.minimum(sizes, tokens - (ends - sizes))
    place = table.column_names.index("length")
    column: Any = pa.array(sizes)
    return table.set_column(place, "length", column).slice(0, int((sizes > 0).sum()))


def counts_of(table: pa.Table) -> SourceCounts:
    """Documents and tokens by source; the rarest ones above a bound count as one."""
    groups = table.group_by("source").aggregate([("length", "count"), ("length", "sum")])
    rows = groups.to_pylist()
    return bounded({each["source"]: [each["length_count"], each["length_sum"]] for each in rows})


def bounded(counts: SourceCounts) -> SourceCounts:
    """The sources with the most tokens first; the rest as one at the end, if there are too many."""
    named = sorted(counts.items(), key=lambda each: (each[0] == OTHERS, -each[1][1], each[0]))
    if len(named) <= MAX_SOURCES:
        return dict(named)
    rest = [counts for _, counts in named[MAX_SOURCES - 1 :]]
    others = [sum(each[0] for each in rest), sum(each[1] for each in rest)]
    return {**dict(named[: MAX_SOURCES - 1]), OTHERS: others}


def added_up(tasks: Sequence[FileGroupTask]) -> SourceCounts:
    """Documents and tokens by source, over the files that were written."""
    total: SourceCounts = {}
    for task in tasks:
        for source, (documents, tokens) in task._metadata["sources"].items():
            known = total.setdefault(source, [0, 0])
            known[0] += documents
            known[1] += tokens
    return bounded(total)
