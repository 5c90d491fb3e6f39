"""Decide which documents go for the n-grams found in them, and write `matches/` and `removed/`; no text is read."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.task import FileGroupTask
from curator_text.decontaminate.evaluation_index import EvaluationIndex, load_index
from curator_text.decontaminate.match_documents import hits_of
from curator_text.decontaminate.match_tables import (
    MATCHES_SCHEMA,
    REMOVED_SCHEMA,
    Matches,
    Numbers,
    Rule,
    match_rows,
    removed_rows,
)
from curator_text.removal.array_files import load_array
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import DecidingStage
from curator_text.removal.document_tables import TableParts, read_documents

ALL_TABLES = ("matches", "removed", "changes", "cuts")
"""Folders that a run may have; which of them depends on whether passages or documents go."""
IGNORED_FILE = "ignored.npy"
"""Of each n-gram, whether it does not count."""
PARTS = 20
"""Of a share, by which documents are counted; a share of 1 has one more."""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What becomes of the documents of a block."""

    tables: dict[str, pa.Table]
    """Rows by table."""
    goes: Numbers
    """Documents that go, sorted."""
    facts: dict[str, int] = field(default_factory=dict[str, int])
    """Counts, which add up over blocks."""


@dataclass(kw_only=True)
class DecideMatches(DecidingStage[FileGroupTask]):
    """Decide about the documents of one source task, whose n-grams are known."""

    index: str
    """Folder of the index."""
    min_overlap: float
    """Share of an item's n-grams from which a document goes; 0: any one n-gram."""
    tables: ClassVar[dict[str, pa.Schema]] = {"matches": MATCHES_SCHEMA, "removed": REMOVED_SCHEMA}
    """What it writes into `output`: a folder each."""

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the tables of a source task, and the numbers of the documents that go."""
        corpus, index = self.corpus(), load_index(self.index)
        mine = corpus.blocks_of(task)
        rule = Rule(
            index=index,
            ignored=load_array(join(self.cache, IGNORED_FILE)),
            min_overlap=self.min_overlap,
        )
        found = np.zeros(len(index.of_item), np.bool_)
        facts = Counter[str]()
        overlaps, documents = np.zeros(PARTS + 1, np.int64), Counter[str]()
        matched: dict[int, Matches] = {}
        for b in mine:
            matches = rule.apply(hits_of(corpus, corpus.blocks[b], rule.ignored), found)
            overlaps += np.bincount(matches.best[:, 2], minlength=PARTS + 1)
            documents.update(_by_file(matches, index))
            if len(matches.rows):
                matched[b] = matches
        going = [np.empty(0, np.int64)]
        with ExitStack() as stack:
            tables = {
                name: TableParts(
                    join(self.output, name, f"part-{mine[0]:05d}.parquet"), schema, stack=stack
                )
                for name, schema in self.tables.items()
            }
            for b, decision in self.decide(task, matched, rule):
                for name, rows in decision.tables.items():
                    tables[name].add(rows)
                going.append(decision.goes + int(corpus.bases[b]))
                facts.update(decision.facts)
        counts = {"overlaps": overlaps.tolist(), "documents": dict(documents)}
        return self.decided(
            mine[0],
            np.concatenate(going),
            {**counts, "counts": dict(facts)},
            items=np.flatnonzero(found),
        )

    def decide(
        self, task: FileGroupTask, matched: Mapping[int, Matches], rule: Rule
    ) -> Iterator[tuple[int, Decision]]:
        """What becomes of the documents of each block that has items.

        Args:
            task: The source task.
            matched: What was found, by the number of the block.
            rule: What found it.
        """
        del task
        corpus = self.corpus()
        for b, matches in matched.items():
            places = read_documents(corpus, b)
            rows = {
                "matches": match_rows(matches, places, rule),
                "removed": removed_rows(matches, places, rule),
            }
            yield b, Decision(tables=rows, goes=matches.documents)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the tables of source tasks that are not done, and those that this stage does not write."""
        self.remove_unfinished(self.tables, committed)
        self.remove_unfinished(
            [each for each in ALL_TABLES if each not in self.tables], frozenset()
        )


def _by_file(matches: Matches, index: EvaluationIndex) -> Counter[str]:
    """Documents by the evaluation file that they have an item of."""
    file = index.table.column("file").to_numpy()[matches.rows[:, 1]]
    pairs = np.unique(np.stack([matches.rows[:, 0], file]), axis=1)
    return Counter(index.files[number].name for number in pairs[1].tolist())


def frequent_ngrams(corpus: Corpus, index: EvaluationIndex, most: int | None) -> NDArray[np.bool_]:
    """The n-grams that occur in more than so many documents; none without a number."""
    count = len(index.anchors)
    none = np.zeros(count, np.bool_)
    if most is None:
        return none
    documents: NDArray[np.int64] = np.zeros(count, np.int64)
    for block in corpus.blocks:
        hits = hits_of(corpus, block, none)
        pairs = np.unique(hits[:, 0] * max(count, 1) + hits[:, 1])
        documents += np.bincount(pairs % max(count, 1), minlength=count)
    return documents > most


def items_left(index: EvaluationIndex, ignored: NDArray[np.bool_]) -> int:
    """Items that have an n-gram that counts."""
    rule = Rule(index=index, ignored=ignored, min_overlap=0.0)
    return int((rule.of_item > 0).sum())


def found_items(index: EvaluationIndex, parts: Sequence[NDArray[np.int64]]) -> dict[str, list[int]]:
    """The numbers of the items that were found, by the evaluation file; as each task's result gives them."""
    numbers = np.unique(np.concatenate([np.empty(0, np.int64), *parts]))
    files = index.table.column("file").to_numpy()[numbers]
    return {each.name: numbers[files == i].tolist() for i, each in enumerate(index.files)}
