"""Copy the input files without the documents that go.

By place in the file, so nothing has to be matched by id and no block size has to agree. Lines are
copied as bytes; lines that could not be read are in quarantine and are left out.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl_files import copy_lines
from curator_engine.stages.parquet import copy_rows
from curator_engine.storage import exists, join, list_files, remove
from curator_engine.task import FileGroupTask
from curator_text.candidates import CorpusStage, load_arrays
from curator_text.corpus import Block, Corpus

DROPS_FILE = "drops.npz"
_ALARM_RATIO, _ALARM_ROWS = 0.5, 20


@dataclass(kw_only=True)
class RemoveDocuments(CorpusStage[FileGroupTask]):
    """Write `data/<name>` for one input file."""

    output: str
    """Folder for `data/`."""

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Copy what was signed of the file and is not dropped."""
        corpus, path = self.corpus(), task.data[0]
        mine = [b for b, block in enumerate(corpus.blocks) if block.path == path]
        drop = _places_to_drop(corpus, mine, load_arrays(join(self.cache, DROPS_FILE))["drops"])
        blocks = [corpus.blocks[b] for b in mine]
        out = join(self.output, "data", task._metadata["name"])
        if format_of(path) == "parquet":
            copy_rows(path, out, drop, groups=_row_groups(path, blocks), max_rows=_max_rows(blocks))
        else:
            copy_lines(path, out, drop, spans=_spans(blocks))
        return FileGroupTask(data=[out], _metadata={"dropped": len(drop)})

    def resume(self, committed: frozenset[str]) -> None:
        """Remove copies that are not finished."""
        folder = join(self.output, "data")
        if exists(folder):
            for file in list_files([folder], extensions=[""], allow_empty=True):
                if file.path not in committed:
                    remove(file.path)


def _places_to_drop(corpus: Corpus, mine: list[int], drops: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in the file, sorted, of its documents among `drops` and of its unreadable lines."""
    bases = corpus.bases
    parts: list[NDArray[np.int64]] = []
    for b in mine:
        low, high = np.searchsorted(drops, (bases[b], bases[b + 1]))
        parts.append(corpus.load(corpus.blocks[b], "position")[drops[low:high] - bases[b]])
        parts.append(corpus.load(corpus.blocks[b], "bad"))
    return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)


def _spans(blocks: list[Block]) -> list[tuple[int, int]]:
    """The bytes that the blocks cover, adjacent ones joined."""
    spans: list[tuple[int, int]] = []
    for block in blocks:
        start, end = block.offset, block.offset + block.size
        if spans and spans[-1][1] == start:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def _row_groups(path: str, blocks: list[Block]) -> list[int]:
    from curator_engine.stages.parquet import count_rows

    first_rows = np.cumsum([0, *count_rows(path)])[:-1]
    signed = {block.offset for block in blocks}
    return [i for i, row in enumerate(first_rows.tolist()) if row in signed]


def _max_rows(blocks: list[Block]) -> int | None:
    return next((block.max_rows for block in blocks if block.max_rows is not None), None)


def losses(corpus: Corpus, numbers: NDArray[np.int64]) -> list[str]:
    """A line for each file that loses most of its documents, given the numbers of those that go."""
    bases, lost, total = corpus.bases, Counter[str](), Counter[str]()
    owners = np.bincount(
        np.searchsorted(bases, numbers, side="right") - 1, minlength=len(corpus.blocks)
    )
    for block, gone in zip(corpus.blocks, owners.tolist(), strict=True):
        lost[block.name] += gone
        total[block.name] += block.documents
    return [
        f"{name} loses {n} of its {total[name]} documents"
        for name, n in sorted(lost.items())
        if n >= _ALARM_ROWS and n > _ALARM_RATIO * total[name]
    ]
