"""Find windows of text that stand at an earlier place of the corpus as well: every one, and no others.

Equal windows have the same smallest gram, so only runs of windows with the same gram are compared. Most
runs that are repeated are so as a whole: those are found by one hash (`FindRuns`). Of the others, which
differ somewhere, each window is hashed (`HashRuns`) and compared (`CompareRuns`); the hashes of an index's windows
are in it. Documents of an index come first, and spans are found in the new ones only.
"""

import itertools
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.files.storage import open_read
from curator_engine.task import FileGroupTask
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.fuzzy.lsh import may_repeat
from curator_text.read.columns import utf8
from curator_text.read.keep import KeepPolicy
from curator_text.removal.array_files import save_arrays
from curator_text.removal.block_texts import BlockTexts
from curator_text.removal.corpus import known_corpus
from curator_text.removal.corpus_stage import CORPUS_FILE, CorpusStage
from curator_text.repeats.index_pieces import windows_of
from curator_text.repeats.pieces import (
    PIECE,
    SPAN,
    Numbers,
    load_records,
    pieces_of,
    ranks_of,
    records_of,
    save_records,
    save_spans,
)

RUN = np.dtype(
    [("number", "<i8"), ("start", "<i8"), ("size", "<i8"), ("group", "<i8"), ("rank", "<i8")]
)
"""A run whose windows are compared: document, first window, windows; the runs with its gram; keep order."""


@dataclass(kw_only=True)
class FindRuns(CorpusStage[PartitionTask]):
    """Compare the runs of one range of grams as a whole.

    Writes the spans of those that are equal to an earlier one, and the runs whose windows must be compared.
    """

    keep: KeepPolicy = field(default_factory=KeepPolicy)
    parts: int
    window: int

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Group by gram, then by all bytes."""
        runs, others = self._repeated(task.data)
        # The first of each kind of run stands for the others.
        order = np.lexsort((np.arange(len(runs)), others, runs["group"]))
        is_first = np.ones(len(runs), np.bool_)
        by_kind, kinds = runs["group"][order], others[order]
        is_first[1:] = (by_kind[1:] != by_kind[:-1]) | (kinds[1:] != kinds[:-1])
        first = order[np.flatnonzero(is_first)[np.cumsum(is_first) - 1]]
        is_new = runs["number"] >= self.corpus().old
        equal = np.sort(order[~is_first & is_new[order]])
        original = np.empty(len(runs), np.int64)
        original[order] = first
        spans = np.zeros(len(equal), SPAN)
        spans["number"], spans["start"] = runs["number"][equal], runs["start"][equal]
        spans["end"] = spans["start"] + runs["size"][equal] - 1 + self.window
        spans["first"] = runs["number"][original[equal]]
        spans["first_start"] = runs["start"][original[equal]]
        kinds_in = np.bincount(by_kind[is_first], minlength=1)
        heads = np.sort(order[is_first])
        new_in = np.bincount(by_kind[is_first], is_new[order[is_first]], minlength=1)
        group = runs["group"][heads]
        open_runs = runs[heads[(kinds_in[group] > 1) & (new_in[group] > 0)]]
        open_runs = open_runs[np.lexsort((open_runs["start"], open_runs["number"]))]
        path = join(self.cache, "runs", f"{task.data:05d}")
        save_spans(f"{path}.spans.npy", spans)
        save_records(f"{path}.npy", open_runs)
        facts = {"spans": len(spans), "open": len(open_runs)}
        return FileGroupTask(data=[f"{path}.npy", f"{path}.spans.npy"], _metadata=facts)

    def _repeated(self, part: int) -> tuple[NDArray[Any], NDArray[np.uint64]]:
        """Runs with a gram that comes more than once, by gram and keep order; the hash of their bytes."""
        corpus = self.corpus()
        found = list(pieces_of(corpus, part, self.parts))
        pieces = np.concatenate([np.empty(0, PIECE), *(each for each, _ in found)])
        numbers = np.concatenate([np.empty(0, np.int64), *(each for _, each in found)])
        some = may_repeat(np.ascontiguousarray(pieces["key"]))
        pieces, numbers = pieces[some], numbers[some]
        ranks = ranks_of(self.cache, self.keep, numbers)
        order = np.lexsort((pieces["start"], ranks, pieces["key"]))
        pieces, numbers, ranks = pieces[order], numbers[order], ranks[order]
        group = np.zeros(len(pieces), np.int64)
        group[1:] = np.cumsum(pieces["key"][1:] != pieces["key"][:-1])
        alike = np.bincount(group, minlength=1)[group] > 1
        runs = np.empty(int(alike.sum()), RUN)
        columns = (numbers, pieces["start"], pieces["size"], group, ranks)
        for name, column in zip(RUN.names or (), columns, strict=True):
            runs[name] = column[alike]
        return runs, pieces["other"][alike]


@dataclass(kw_only=True)
class HashRuns(CorpusStage[FileGroupTask]):
    """Hash each window of the runs that must be compared, of the documents of a source task."""

    text_field: str
    window: int
    runs: list[str]
    """Files of runs, by range of grams."""
    max_row: int
    compared_file: str = CORPUS_FILE
    """All documents, those of an index first: by their numbers runs are."""

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write the hashes of each block and range, in the order of the runs."""
        corpus, every = self.corpus(), known_corpus(join(self.cache, self.compared_file))
        old, before = every.old, len(every.blocks) - len(corpus.blocks)
        mine = corpus.blocks_of(task)
        runs = {b: [records_of(p, RUN, corpus, b, old=old) for p in self.runs] for b in mine}
        wanted = {
            b: np.unique(np.concatenate([each["number"] for each in of_parts])) - corpus.bases[b]
            for b, of_parts in runs.items()
            if any(map(len, of_parts))
        }
        texts = BlockTexts(
            text_field=self.text_field, id_field=None, with_text=True, max_row=self.max_row
        )
        arrays: dict[str, NDArray[Any]] = {}
        for b, table in texts.read(task, corpus, wanted):
            text, offsets = utf8(table.column("text").combine_chunks())
            for p, each in enumerate(runs[b]):
                if len(each):
                    owners = np.searchsorted(wanted[b], each["number"] - corpus.bases[b])
                    arrays[f"{p}-{before + b}"] = self._hashes(text, offsets, each, owners)
        path = join(self.cache, "windows", f"{mine[0]:05d}.npz")
        save_arrays(path, arrays)
        return FileGroupTask(data=[path])

    def _hashes(
        self, text: NDArray[np.uint8], offsets: Numbers, runs: NDArray[Any], owners: Numbers
    ) -> NDArray[np.uint64]:
        from curator_text.kernels import repeat_kernels

        out = np.empty(int(runs["size"].sum()), np.uint64)
        columns = [np.ascontiguousarray(runs[name]) for name in ("start", "size")]
        repeat_kernels.hash_windows(text, offsets, self.window, owners, *columns, out)
        return out


@dataclass(kw_only=True)
class CompareRuns(CorpusStage[PartitionTask]):
    """Compare the windows of the runs of one range of grams; write the spans of repeated ones."""

    window: int
    runs: list[str]
    """Files of runs, by range of grams."""
    hashed: list[str]
    """Files of hashes, by source task."""

    def process(self, task: PartitionTask) -> FileGroupTask:
        """A window is repeated if an equal one comes before it in keep order."""
        runs = np.array(load_records(self.runs[task.data], RUN))
        hashes = self._hashes(task.data, runs)
        if len(hashes) != runs["size"].sum():
            raise RuntimeError(f"{len(hashes)} hashes of {runs['size'].sum()} windows")
        spans = _spans(runs, hashes, self.window)
        spans = spans[spans["number"] >= self.corpus().old]
        path = join(self.cache, "spans", f"{task.data:05d}.npy")
        save_spans(path, spans)
        return FileGroupTask(data=[path], _metadata={"spans": len(spans)})

    def _hashes(self, part: int, runs: NDArray[Any]) -> NDArray[np.uint64]:
        """The hashes of the range, in the order of blocks, which is that of its runs."""
        found = dict(windows_of(self.corpus(), runs))
        for path in self.hashed:
            with open_read(path) as raw, np.load(raw, allow_pickle=False) as arrays:
                for name in arrays.files:
                    of_part, _, block = name.partition("-")
                    if int(of_part) == part:
                        found[int(block)] = arrays[name]
        return np.concatenate([np.empty(0, np.uint64), *(found[b] for b in sorted(found))])


def _spans(runs: NDArray[Any], hashes: NDArray[np.uint64], window: int) -> NDArray[Any]:
    """The spans of windows that equal an earlier one of a run with the same gram.

    Args:
        runs: By number and start.
        hashes: Those of their windows, one run after the other.
        window: Bytes.
    """
    from curator_text.kernels import repeat_kernels

    begins = np.cumsum(runs["size"]) - runs["size"]
    of_run = np.repeat(np.arange(len(runs), dtype=np.int32), runs["size"])
    order = np.lexsort((runs["start"], runs["rank"], runs["group"]))
    sizes, groups = (np.ascontiguousarray(runs[name]) for name in ("size", "group"))
    slots, room, found = 64, 4 * len(runs) + 64, -1
    while slots < 2 * len(hashes):
        slots *= 2
    while True:
        table, out = np.zeros(slots, np.int64), [np.empty(room, np.int64) for _ in range(4)]
        found = repeat_kernels.repeated_windows(
            hashes, of_run, order, begins, sizes, groups, table, *out
        )
        if found >= 0:
            break
        room *= 2
    run, at, end, first = (each[:found] for each in out)
    spans = np.zeros(found, SPAN)
    spans["number"], spans["start"] = runs["number"][run], runs["start"][run] + at - begins[run]
    spans["end"] = spans["start"] + end - at - 1 + window
    there = of_run[first]
    spans["first"], spans["first_start"] = (
        runs["number"][there],
        runs["start"][there] + first - begins[there],
    )
    return spans


def parts_of(pieces: int, *, most: int) -> int:
    """Ranges of keys, so that one has at most about so many pieces."""
    return max(1, -(-pieces // most))


def paths_of(tasks: list[FileGroupTask], place: int) -> list[str]:
    """A file of each result."""
    return list(itertools.chain.from_iterable(task.data[place : place + 1] for task in tasks))
