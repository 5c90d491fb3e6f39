"""Copy the input files without the documents that go.

By place in the file, so nothing has to be matched by id and no block size has to agree. Lines are
copied as bytes; lines that could not be read are in quarantine and are left out.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.files.listing import check_unchanged
from curator_engine.files.manifest import made_in
from curator_engine.files.paths import is_remote, join, utf8_name
from curator_engine.files.storage import remove
from curator_engine.redaction import redacted
from curator_engine.stage import AnyStage, Rejection
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl_files import copy_lines
from curator_engine.stages.parquet import copy_rows
from curator_engine.stages.small_files import files_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.removal.array_files import mapped_array
from curator_text.removal.corpus import Block, Corpus
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.removal.run_folder import FILES

DROPS_FILE = "drops.npy"
"""Numbers of the documents that go, sorted."""
_ALARM_LINES = 3
_ALARM_RATIO, _ALARM_ROWS = 0.5, 20
FILES_SCHEMA = pa.schema(
    {
        "file": pa.string(),
        "path": pa.string(),
        "stamp": pa.string(),
        "documents": pa.int64(),
        "removed": pa.int64(),
    }
)


@dataclass(kw_only=True)
class RemoveDocuments(CorpusStage[FileGroupTask]):
    """Write `data/<name>` for an input file, or for each of some small ones."""

    output: str
    """Folder for `data/`."""
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "output")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Copy what was signed of each file and is not dropped; of lines, if any stay.

        Raises:
            InputError: A file has changed since it was listed.
        """
        files = files_of(task)
        return FileGroupTask(data=[path for file in files for path in self._write(file)])

    def _write(self, file: FileGroupTask) -> list[str]:
        corpus, path = self.corpus(), file.data[0]
        mine = corpus.blocks_of(FileGroupTask(data=[path]))
        drop = self._places(corpus, mine)
        rows = sum(b.documents + b.no_text + b.bad for b in (corpus.blocks[m] for m in mine))
        out = join(self.output, "data", file._metadata["name"])
        # Other programs refuse a file of lines that has 0 bytes.
        outs = [out] if rows > len(drop) or format_of(path) == "parquet" else []
        if outs:
            self._copy(path, out, mine, drop)
        try:
            # Of the same layout, a file that was replaced shows in nothing else.
            check_unchanged(path, file.stamp)
        except InputError:
            remove(out)
            raise
        return outs

    def _places(self, corpus: Corpus, mine: list[int]) -> NDArray[np.int64]:
        """Positions in the file, sorted, of what is not copied."""
        return _places_to_drop(corpus, mine, mapped_array(join(self.cache, DROPS_FILE)))

    def _copy(self, path: str, out: str, mine: list[int], drop: NDArray[np.int64]) -> None:
        corpus = self.corpus()
        blocks = [corpus.blocks[b] for b in mine]
        if format_of(path) == "parquet":
            self._copy_rows(path, out, blocks, drop)
        else:
            copy_lines(path, out, drop, spans=spans(blocks), max_row=longest_row(blocks))

    def _copy_rows(
        self,
        path: str,
        out: str,
        blocks: list[Block],
        drop: NDArray[np.int64],
        *,
        schema: pa.Schema | None = None,
        change: Callable[[int, pa.Table], pa.Table] | None = None,
    ) -> None:
        """Copy the row groups of a Parquet file that are blocks; see `copy_rows`."""
        limits = (block.max_rows for block in blocks if block.max_rows is not None)
        copy_rows(
            path,
            out,
            drop,
            groups=_row_groups(path, blocks),
            max_rows=next(limits, None),
            schema=schema,
            change=change,
            reject=partial(_reject_signed, self, path, blocks),
        )

    def resume(self, committed: frozenset[str]) -> None:
        """Remove copies that are not finished."""
        for path in made_in(join(self.output, "data")):
            if path not in committed:
                remove(path)


def _places_to_drop(corpus: Corpus, mine: list[int], drops: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions in the file, sorted, of its documents among `drops` and of its unreadable lines."""
    bases = corpus.bases
    parts: list[NDArray[np.int64]] = []
    for b in mine:
        low, high = np.searchsorted(drops, (bases[b], bases[b + 1]))
        position, bad = corpus.load_all(corpus.blocks[b], "position", "bad")
        parts += [position[drops[low:high] - bases[b]], bad]
    return np.sort(np.concatenate(parts)) if parts else np.empty(0, np.int64)


def spans(blocks: list[Block]) -> list[tuple[int, int]]:
    """The bytes that the blocks cover, adjacent ones joined."""
    joined: list[tuple[int, int]] = []
    for block in blocks:
        start, end = block.offset, block.offset + block.size
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _reject_signed(
    stage: AnyStage, path: str, blocks: list[Block], row: int, rows: int, reason: str
) -> None:
    """Reject rows that cannot be copied, unless they were rejected when the file was signed."""
    ends = [block.offset + block.size for block in blocks if block.offset <= row + rows]
    rows = min(row + rows, max(ends, default=0)) - row
    if rows > 0:
        stage.reject(Rejection(file=path, reason=reason, offset=row, rows=rows))


def _row_groups(path: str, blocks: list[Block]) -> list[int]:
    """The row groups that are blocks."""
    from curator_engine.stages.parquet import count_rows

    first_rows = np.cumsum([0, *count_rows(path)])[:-1]
    signed = {block.offset for block in blocks}
    return [i for i, row in enumerate(first_rows.tolist()) if row in signed]


def longest_row(blocks: list[Block]) -> int:
    """Bytes of the longest line that was read of a file."""
    return max((block.max_row for block in blocks), default=MAX_ROW_BYTES)


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What one source loses: a file, or a value of the source field."""

    source: str
    documents: int
    removed: int

    @property
    def is_alarming(self) -> bool:
        """Whether it loses most of its documents, and not just a few."""
        return self.removed >= _ALARM_ROWS and self.removed > _ALARM_RATIO * self.documents


def losses(corpus: Corpus, numbers: NDArray[np.int64]) -> list[Loss]:
    """What each file loses, in the order of files, given the numbers of the documents that go."""
    lost, total = Counter[str](), Counter[str]()
    owners = np.searchsorted(corpus.bases, numbers, side="right") - 1
    gone = np.bincount(owners, minlength=len(corpus.blocks))
    for block, count in zip(corpus.blocks, gone.tolist(), strict=True):
        lost[block.name] += count
        total[block.name] += block.documents
    return [Loss(source=name, documents=n, removed=lost[name]) for name, n in total.items()]


def alarms(found: list[Loss]) -> list[str]:
    """A line for each of the worst sources that lose most of their documents, and one for the others."""
    alarming = [loss for loss in found if loss.is_alarming]
    alarming.sort(key=lambda loss: (-loss.removed / loss.documents, -loss.removed, loss.source))
    lines = [
        f"{each.source} loses {each.removed} of its {each.documents} documents"
        for each in alarming[:_ALARM_LINES]
    ]
    if left := len(alarming) - len(lines):
        lines.append(f"and {left:,} more lose most of their documents; report.html has the table")
    return lines


def save_files(output: str, corpus: Corpus, found: list[Loss]) -> None:
    """Write `files.parquet`: where each input file was, and what it loses."""
    first = {block.name: block for block in reversed(corpus.blocks)}
    paths = [first[loss.source].path for loss in found]
    table = {
        "file": [loss.source for loss in found],
        "path": [known_path(path) for path in paths],
        "stamp": [first[loss.source].stamp for loss in found],
        "documents": [loss.documents for loss in found],
        "removed": [loss.removed for loss in found],
    }
    write_table(join(output, FILES), pa.table(table, FILES_SCHEMA))


def known_path(path: str) -> str:
    """What `files.parquet` calls an input file: its place, without secrets."""
    return utf8_name(redacted(path) if is_remote(path) else str(Path(path).absolute()))
