"""Find lines or paragraphs that stand in the corpus too often.

Those of an index count, come first, and stay.
"""

from dataclasses import dataclass, field

import numpy as np

from curator_engine.files.paths import join
from curator_engine.task import FileGroupTask
from curator_text.dedup.removed_tables import PartitionTask
from curator_text.read.keep import KeepPolicy
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.repeats.pieces import PIECE, SPAN, pieces_of, ranks_of, save_spans


@dataclass(kw_only=True)
class FindLines(CorpusStage[PartitionTask]):
    """Find the lines of one range of hashes that stand there more than `max_times` times; write their spans."""

    keep: KeepPolicy = field(default_factory=KeepPolicy)
    parts: int
    max_times: int
    leave: int
    """So many of each stay, the first ones in keep order."""

    def process(self, task: PartitionTask) -> FileGroupTask:
        """Count by both hashes."""
        corpus = self.corpus()
        found = list(pieces_of(corpus, task.data, self.parts))
        pieces = np.concatenate([np.empty(0, PIECE), *(each for each, _ in found)])
        numbers = np.concatenate([np.empty(0, np.int64), *(each for _, each in found)])
        ranks = ranks_of(self.cache, self.keep, numbers)
        order = np.lexsort((pieces["start"], ranks, pieces["other"], pieces["key"]))
        pieces, numbers = pieces[order], numbers[order]
        starts = _starts(pieces)
        times = np.diff(np.append(starts, len(pieces)))
        place = np.arange(len(pieces)) - np.repeat(starts, times)
        is_new = numbers >= corpus.old
        goes = is_new & (np.repeat(times, times) > self.max_times) & (place >= self.leave)
        first = np.repeat(starts, times)[goes]
        spans = np.empty(int(goes.sum()), SPAN)
        spans["number"], spans["start"] = numbers[goes], pieces["start"][goes]
        spans["end"] = spans["start"] + pieces["size"][goes]
        spans["first"], spans["first_start"] = numbers[first], pieces["start"][first]
        spans["times"] = np.repeat(times, times)[goes]
        path = join(self.cache, "spans", f"{task.data:05d}.npy")
        save_spans(path, spans)
        new = np.logical_or.reduceat(is_new, starts) if len(starts) else np.empty(0, np.bool_)
        distinct = int((new & (times > self.max_times)).sum())
        return FileGroupTask(data=[path], _metadata={"spans": len(spans), "distinct": distinct})


def _starts(pieces: np.ndarray) -> np.ndarray:
    """Where each kind of line begins among sorted ones."""
    if not len(pieces):
        return np.empty(0, np.int64)
    changed = (pieces["key"][1:] != pieces["key"][:-1]) | (
        pieces["other"][1:] != pieces["other"][:-1]
    )
    return np.concatenate(([0], np.flatnonzero(changed) + 1))
