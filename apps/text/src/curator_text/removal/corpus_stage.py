"""Stages that look at all documents of a run, or of an index and a run."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from numpy.typing import NDArray

from curator_engine.failures import FailurePolicy
from curator_engine.files.paths import join
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
