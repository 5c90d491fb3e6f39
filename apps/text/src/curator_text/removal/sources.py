"""Count what each source loses, by the value of a field such as the site or the data set.

Reads the input once more, only if a source field is given. By file it is known without: `remove_documents.py`.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.files.paths import join
from curator_engine.stages.small_files import task_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.removal.array_files import mapped_array
from curator_text.removal.corpus import Corpus
from curator_text.removal.corpus_stage import CorpusStage
from curator_text.removal.read_fields import field_values
from curator_text.removal.remove_documents import DROPS_FILE, Loss, longest_row
from curator_text.removal.run_folder import SOURCES

MAX_SOURCES = 10_000
"""Values that are told apart; the rarest ones above it count as one."""
OTHERS, NONE = "(other values)", "(no value)"
_SCHEMA = pa.schema({"source": pa.string(), "documents": pa.int64(), "removed": pa.int64()})


@dataclass(kw_only=True)
class CountSources(CorpusStage[FileGroupTask]):
    """Count the documents of a source task, and those that go, by a field's value."""

    source_field: str

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """The counts are in the result's metadata."""
        positions, goes = self._documents(task)
        total, gone = Counter[str](), Counter[str]()
        blocks = [self.corpus().blocks[b] for b in self.corpus().blocks_of(task)]
        name = self.source_field
        for places, found in field_values(task, {name: pa.string()}, max_row=longest_row(blocks)):
            values = found[name]
            # Rows that are no documents lie between them.
            known = np.flatnonzero(np.isin(places, positions))
            out = goes[np.searchsorted(positions, places[known])]
            names = [NONE if values[i] is None else str(values[i]) for i in known.tolist()]
            total.update(names)
            gone.update(names[i] for i in np.flatnonzero(out).tolist())
        lacking = len(positions) - total.total()
        if lacking:
            total[NONE] += lacking
            gone[NONE] += int(goes.sum()) - gone.total()
        counts = _bounded([Loss(source=s, documents=n, removed=gone[s]) for s, n in total.items()])
        record = [[each.source, each.documents, each.removed] for each in counts]
        return FileGroupTask(data=task.data, _metadata={"counts": record})

    def _documents(self, task: FileGroupTask) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Position in the file of each document of the task, sorted, and whether it goes."""
        corpus = self.corpus()
        drops = mapped_array(join(self.cache, DROPS_FILE))
        positions, goes = [np.empty(0, np.int64)], [np.empty(0, np.bool_)]
        for b in corpus.blocks_of(task):
            base, end = corpus.bases[b : b + 2]
            low, high = np.searchsorted(drops, (base, end))
            mask = np.zeros(end - base, np.bool_)
            mask[drops[low:high] - base] = True
            positions.append(corpus.load(corpus.blocks[b], "position"))
            goes.append(mask)
        return np.concatenate(positions), np.concatenate(goes)


def source_tasks(corpus: Corpus) -> list[FileGroupTask]:
    """A task per source task of the sign step; of one that has several small files, per file."""
    tasks: dict[tuple[str, str], FileGroupTask] = {}
    for block in corpus.blocks:
        config = {} if block.max_rows is None else {"max_rows": block.max_rows}
        tasks[block.source, block.path] = FileGroupTask(
            data=[block.path], span=block.span, stamp=block.stamp, reader_config=config
        )
    return list(tasks.values())


def shared_tasks(corpus: Corpus) -> list[FileGroupTask]:
    """As `source_tasks`, but one for all small files that a task of the sign step had."""
    groups: dict[str, list[FileGroupTask]] = {}
    sources = {(block.path, block.span): block for block in corpus.blocks}
    for task in source_tasks(corpus):
        groups.setdefault(sources[task.data[0], task.span].source, []).append(task)
    return [
        task_of([(each.data[0], sources[each.data[0], None].name, each.stamp) for each in tasks])
        if len(tasks) > 1
        else tasks[0]
        for tasks in groups.values()
    ]


def save_sources(output: str, tasks: list[FileGroupTask]) -> list[Loss]:
    """Add the counts up and write `sources.parquet`, the largest source first."""
    total, gone = Counter[str](), Counter[str]()
    for task in tasks:
        for source, documents, removed in task._metadata["counts"]:
            total[source] += documents
            gone[source] += removed
    counts = _bounded([Loss(source=s, documents=n, removed=gone[s]) for s, n in total.items()])
    table = {
        "source": [each.source for each in counts],
        "documents": [each.documents for each in counts],
        "removed": [each.removed for each in counts],
    }
    write_table(join(output, SOURCES), pa.table(table, _SCHEMA))
    return counts


def _bounded(losses: list[Loss]) -> list[Loss]:
    """The sources, the largest first; if there are too many, the rest as one at the end."""
    named = [each for each in losses if each.source != OTHERS]
    named.sort(key=lambda each: (-each.documents, each.source))
    rest = [each for each in losses if each.source == OTHERS] + named[MAX_SOURCES:]
    if not rest:
        return named
    documents = sum(each.documents for each in rest)
    removed = sum(each.removed for each in rest)
    return [*named[:MAX_SOURCES], Loss(source=OTHERS, documents=documents, removed=removed)]
