"""Decide from the scores which documents go, and write `scores/` and `removed/`; no text is read."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.stages.small_files import files_of
from curator_engine.task import FileGroupTask
from curator_text.filters.recipe import Recipe
from curator_text.removal.array_files import load_table
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import DecidingStage
from curator_text.removal.document_tables import TableParts, located
from curator_text.removal.read_fields import fields_path, kinds_of_fields
from curator_text.scoring.score_tables import (
    judged,
    removed_schema,
    score_names,
    scores_schema,
)

_compute: Any = pc


@dataclass(kw_only=True)
class DecideDocuments(DecidingStage[FileGroupTask]):
    """Decide about the documents of one source task, whose scores are known."""

    recipe: Recipe
    where: str | None
    """A condition on the scores; a document for which it does not hold goes."""
    fields: dict[str, str] = field(default_factory=dict[str, str])
    """Fields that the condition looks at, with the kind that they are compared as; `ReadFields` has read them."""
    with_removed: bool = True
    """Whether `removed/` is written."""
    folders = ("scores", "removed")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the tables of a source task and the numbers of the documents that go."""
        corpus = self.corpus()
        mine = [b for file in files_of(task) for b in corpus.blocks_of(file)]
        names, name = score_names(self.recipe), f"part-{mine[0]:05d}"
        kinds = kinds_of_fields(self.fields)
        going, rules = [np.empty(0, np.int64)], Counter[str]()
        with ExitStack() as stack:
            every = TableParts(
                join(self.output, "scores", f"{name}.parquet"),
                scores_schema(names, kinds),
                stack=stack,
            )
            every.open()
            gone = TableParts(
                join(self.output, "removed", f"{name}.parquet"),
                removed_schema(names, kinds),
                stack=stack,
            )
            for b, rows in self._decided(corpus, mine):
                every.add(rows)
                out = rows.filter(_compute.invert(rows.column("keep")))
                rules.update(map(str, out.column("rule").to_pylist()))
                going.append(_dropped(rows) + int(corpus.bases[b]))
                if self.with_removed:
                    gone.add(out.drop_columns(["keep"]))
        numbers: NDArray[np.int64] = np.concatenate(going)
        return self.decided(mine[0], numbers, {"rules": dict(rules)})

    def _decided(self, corpus: Corpus, mine: list[int]) -> Iterator[tuple[int, pa.Table]]:
        """The rows of `scores/`, block by block."""
        kinds = kinds_of_fields(self.fields)
        values = load_table(fields_path(self.cache, mine)) if kinds else pa.table({})
        seen = 0
        for b in mine:
            block = corpus.blocks[b]
            table = load_table(corpus.path(block, ".arrow"))
            if block.joined:
                table = table.slice(block.first, block.documents)
            table = located(table, corpus, b)
            for name in kinds:
                column = values.column(name).slice(seen, block.documents)
                table = table.append_column(name, column)
            seen += block.documents
            yield b, judged(table, self.recipe, self.where, kinds)


def _dropped(rows: pa.Table) -> NDArray[np.int64]:
    keep: NDArray[np.bool_] = rows.column("keep").to_numpy()
    return np.flatnonzero(~keep)
