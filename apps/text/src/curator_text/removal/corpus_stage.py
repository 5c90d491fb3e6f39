"""Stages that look at all documents of a run, or of an index and a run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.failures import FailurePolicy
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, remove
from curator_engine.stage import ProcessingStage
from curator_engine.task import FileGroupTask, Task
from curator_text.removal.array_files import save_arrays
from curator_text.removal.corpus import Corpus, known_corpus

MUST_SUCCEED = FailurePolicy(on_error="raise", retries=1)
"""A step over all documents cannot leave a part out: that would change the answer silently."""

CORPUS_FILE = "corpus.json"


@dataclass(kw_only=True)
class CorpusStage[X: Task[Any]](ProcessingStage[X, FileGroupTask]):
    """A stage that looks at all documents; it fails the run rather than leave some out."""

    cache: str
    """The cache folder of the run."""
    corpus_key: str
    """`Corpus.key`, and what else the result depends on: a checkpoint made with another is not used."""
    corpus_file: str = CORPUS_FILE
    """Which documents: those of the run, or those that are compared, an index's first."""
    failure_policy: FailurePolicy | None = field(default=MUST_SUCCEED)
    writes_to: ClassVar[tuple[str, ...]] = ("cache",)

    def corpus(self) -> Corpus:
        """The documents."""
        return known_corpus(join(self.cache, self.corpus_file))

    def result(self, name: str, arrays: dict[str, NDArray[Any]], **facts: int) -> FileGroupTask:
        """Write the arrays to a file of the cache and return its reference."""
        path = join(self.cache, name)
        save_arrays(path, arrays)
        return FileGroupTask(data=[path], _metadata=facts)


@dataclass(kw_only=True)
class DecidingStage[X: Task[Any]](CorpusStage[X]):
    """A stage whose tasks decide which documents go.

    Task 7 writes `part-00007.parquet` into folders of the output, and `drops/00007.npz` into the cache.
    """

    output: str
    """Where these folders are."""
    writes_to: ClassVar[tuple[str, ...]] = ("cache", "output")
    folders: ClassVar[tuple[str, ...]] = ()
    """Such as `removed`."""

    def decided(
        self,
        number: int,
        drops: NDArray[np.int64],
        facts: Mapping[str, Any],
        **arrays: NDArray[Any],
    ) -> FileGroupTask:
        """Write the numbers of the documents that go, as the last that a task does, and return their reference.

        Args:
            number: Of the task.
            drops: The documents that go, sorted.
            facts: The metadata of the reference.
            arrays: What else the file holds.
        """
        path = self._drops_path(f"{number:05d}")
        save_arrays(path, {"drops": drops, **arrays})
        return FileGroupTask(data=[path], _metadata=dict(facts))

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the tables of tasks that are not done."""
        self.remove_unfinished(self.folders, committed)

    def remove_unfinished(self, folders: Iterable[str], committed: frozenset[str]) -> None:
        """Remove from some folders of the output the tables of tasks whose drops are not in `committed`."""
        for folder in folders:
            for name in list_names(join(self.output, folder)):
                number = name.removeprefix("part-").partition(".")[0]
                if self._drops_path(number) not in committed:
                    remove(join(self.output, folder, name))

    def _drops_path(self, number: str) -> str:
        return join(self.cache, "drops", f"{number}.npz")
