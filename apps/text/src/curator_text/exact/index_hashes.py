"""The files of an index of exact deduplication: the hashes of the documents that stay.

There is one file per block, `<task id>.arrow`, as `hash_documents.py` writes it, with kept documents only, `line` counted
from the start of the file, and without `order`: documents of an index come first, whatever is kept of others.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.files.storage import link_or_copy, list_names, remove
from curator_engine.task import FileGroupTask
from curator_text.dedup.index import PartFiles
from curator_text.dedup.index_use import kept_rows
from curator_text.removal.array_files import load_table, mapped_array, save_table
from curator_text.removal.corpus import Block, Corpus
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.removal.remove_documents import DROPS_FILE

_ENDING = ".arrow"


@dataclass(kw_only=True)
class IndexHashes(CorpusStage[FileGroupTask]):
    """Write the hashes of the kept documents of a source, block by block; their texts are not read again."""

    path: str
    """Folder of the part."""
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "path")

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """Yield a reference per block."""
        corpus = self.corpus()
        kept = kept_rows(corpus, task, mapped_array(join(self.cache, DROPS_FILE)))
        for b, rows in kept.items():
            yield self._write(corpus, b, rows)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the files of sources that are not done."""
        for name in list_names(self.path):
            if name.endswith(_ENDING) and join(self.path, name) not in committed:
                remove(join(self.path, name))

    def _write(self, corpus: Corpus, b: int, rows: NDArray[np.int64]) -> FileGroupTask:
        block = corpus.blocks[b]
        # Blocks of small files have had files in common, and get their own here.
        name = f"{block.task_id}-{b}" if block.joined else block.task_id
        table = load_table(corpus.path(block, _ENDING)).drop_columns(["order"])
        path = join(self.path, f"{name}{_ENDING}")
        save_table(path, _some(table, block.first + rows, first_line=corpus.first_lines[b]))
        alone = replace(block, task_id=name, joined=False, first=0, first_long=0, first_bad=0)
        facts = asdict(replace(alone, documents=len(rows), lines=0))
        return FileGroupTask(data=[path], _metadata={"block": facts})


def _some(table: pa.Table, rows: NDArray[np.int64], *, first_line: int = 0) -> pa.Table:
    """Some documents by sorted number, numbered anew, in the order of the table."""
    numbers: NDArray[np.int64] = table.column("row").to_numpy()
    chosen = table.filter(pa.array(np.isin(numbers, rows)))
    again = np.searchsorted(rows, chosen.column("row").to_numpy())
    lines = chosen.column("line").to_numpy() + first_line
    for name, values in (("row", again), ("line", lines)):
        chosen = chosen.set_column(chosen.column_names.index(name), name, pa.array(values))
    return chosen.combine_chunks()


def _ids(stem: str) -> Any:
    """In the order of the table, as `_without` takes them."""
    return load_table(f"{stem}{_ENDING}").column("id")


def _without(source: str, stem: str, block: Block, stays: NDArray[np.bool_]) -> Block:
    """Write the file of a block with some documents, chosen by their place in the table."""
    if stays.all():
        link_or_copy(f"{source}{_ENDING}", f"{stem}{_ENDING}")
        return block
    table = load_table(f"{source}{_ENDING}")
    rows = np.sort(table.column("row").to_numpy()[stays])
    save_table(f"{stem}{_ENDING}", _some(table, rows))
    return replace(block, documents=len(rows))


HASH_FILES = PartFiles(endings=(_ENDING,), ids=_ids, without=_without)
"""What `exact` has in the part of an index."""
