"""Look at the tables of documents: of which source and part each document is, and how long; the first step of `blend`.

Writes of each file of tokens `<number>.docs.arrow` (`part`, `source`, `length`, a row per document), and for each group by which
leaks are counted `<number>.<group>.arrow` (`hash`, `document`, sorted by hash). No tokens are read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.failures import FailurePolicy
from curator_engine.files.paths import join
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask
from curator_text.blend.groups import TEXT, group_hashes, parts_of
from curator_text.blend.sources import InputShard
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.removal.array_files import load_table, save_table
from curator_text.removal.corpus_stage import MUST_SUCCEED
from curator_text.removal.sources import NONE

FOLDER = "measured"


def documents_path(cache: str, number: int) -> str:
    """Of the table of the documents of a file of tokens."""
    return join(cache, FOLDER, f"{number:05d}.docs.arrow")


def group_path(cache: str, number: int, group: str) -> str:
    """Of the table of their groups."""
    return join(cache, FOLDER, f"{number:05d}.{group}.arrow")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What the documents of one file of tokens are."""

    names: list[str]
    """Its sources."""
    source: NDArray[np.int32]
    """Which of them each document is of."""
    part: NDArray[np.uint8]
    length: NDArray[np.int64]
    groups: Mapping[str, tuple[NDArray[np.uint64], NDArray[np.bool_]]]
    """For each group by which leaks are counted, a hash per document, and whether it has one."""
    lacking: int
    """Documents without the group by which they are split."""

    @property
    def counts(self) -> list[list[Any]]:
        """Source, part, documents and tokens, for each source and part."""
        found: list[list[Any]] = []
        for number, name in enumerate(self.names):
            of_source = self.source == number
            for part in np.unique(self.part[of_source]).tolist():
                mask = of_source & (self.part == part)
                found.append([name, part, int(mask.sum()), int(self.length[mask].sum())])
        return found


@dataclass(kw_only=True)
class MeasureDocuments(ProcessingStage[PartitionTask, FileGroupTask]):
    """Look at the documents of the files of tokens, a task each."""

    cache: str
    shards: Sequence[InputShard]
    by_source: bool = False
    """Whether the column `source` of the tables says the source, and not the folder."""
    split_by: str = TEXT
    groups: Mapping[str, Sequence[str]]
    """The groups by which leaks are counted, with the fields that each needs."""
    shares: Sequence[str] = ("1",)
    """Of the parts, as fractions."""
    split_seed: int = 0
    input_key: str
    """Changes with the input."""
    failure_policy: FailurePolicy | None = field(default=MUST_SUCCEED)
    writes_to: ClassVar[tuple[str, ...]] = ("cache",)

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Write the tables of a file; counts are in the result's metadata."""
        number = task.data
        found, path = self.measured(self.shards[number]), documents_path(self.cache, number)
        columns = {name: pa.array(getattr(found, name)) for name in ("part", "source", "length")}
        save_table(path, pa.table(columns))
        for group, (hashes, is_there) in found.groups.items():
            rows = np.flatnonzero(is_there)
            rows = rows[np.argsort(hashes[rows], kind="stable")]
            table = pa.table({"hash": pa.array(hashes[rows]), "document": pa.array(rows)})
            save_table(group_path(self.cache, number, group), table)
        facts: dict[str, Any] = {
            "number": number,
            "names": found.names,
            "counts": found.counts,
            "lacking": found.lacking,
        }
        return FileGroupTask(data=[path], _metadata=facts)

    def measured(self, shard: InputShard) -> Measured:
        """The documents of a file of tokens.

        Raises:
            InputError: Its table is damaged.
        """
        fields = list(dict.fromkeys(name for each in self.groups.values() for name in each))
        columns = ["id", "source", "length", "text_hash", *fields]
        names: dict[str, int] = {} if self.by_source else {shard.source: 0}
        pieces: list[dict[str, Any]] = []
        for table in shard.row_groups(columns):
            pieces.append(self._piece(table, names))
        total = sum(int(piece["length"].sum()) for piece in pieces)
        if total != shard.tokens or sum(len(piece["part"]) for piece in pieces) != shard.documents:
            raise InputError(
                f"{shard.table} does not fit its tokens.json: {total:,} tokens, not {shard.tokens:,}; tokenize again."
            )
        kinds = {"part": np.uint8, "source": np.int32, "length": np.int64}
        joined: dict[str, Any] = {
            name: np.concatenate([np.empty(0, kind), *(piece[name] for piece in pieces)])
            for name, kind in kinds.items()
        }
        groups = {
            group: (
                np.concatenate([np.empty(0, np.uint64), *(p[group][0] for p in pieces)]),
                np.concatenate([np.empty(0, np.bool_), *(p[group][1] for p in pieces)]),
            )
            for group in self.groups
        }
        lacking = sum(piece["lacking"] for piece in pieces)
        return Measured(names=list(names), groups=groups, lacking=lacking, **joined)

    def _piece(self, table: pa.Table, names: dict[str, int]) -> dict[str, Any]:
        """The same of some documents, by name; new sources are added to `names`."""
        lengths: Any = table.column("length")
        found: dict[str, Any] = {
            group: group_hashes(table, group, fields) for group, fields in self.groups.items()
        }
        source = np.zeros(table.num_rows, np.int32)
        if self.by_source:
            column: Any = table.column("source").combine_chunks()
            coded = column.fill_null(NONE).dictionary_encode()
            words: list[str] = coded.dictionary.to_pylist()
            numbers = [names.setdefault(word, len(names)) for word in words]
            source = np.array(numbers, np.int32)[np.asarray(coded.indices)]
        part, lacking = np.zeros(table.num_rows, np.uint8), 0
        if len(self.shares) > 1:
            hashes, is_there = found[self.split_by]
            lacking = int((~is_there).sum())
            # What has no group of its kind is split by its text.
            texts: Any = table.column("text_hash")
            hashes = np.where(is_there, hashes, texts.to_numpy())
            shares = [Fraction(each) for each in self.shares]
            part = parts_of(hashes, shares, seed=self.split_seed)
        return {
            **found,
            "part": part,
            "source": source,
            "length": np.asarray(lengths.to_numpy()),
            "lacking": lacking,
        }


def load_documents(cache: str, number: int) -> dict[str, NDArray[Any]]:
    """`part`, `source` and `length` of the documents of a file of tokens; local ones stay on disk until they are looked at."""
    table: Any = load_table(documents_path(cache, number))
    return {name: table.column(name).to_numpy() for name in table.column_names}
