"""Compare the pictures of a round with those that stay, on all workers of a run."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.files.paths import join
from curator_engine.files.storage import read_bytes, write_atomic
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.steps import Steps
from curator_engine.task import FileGroupTask, short_hash
from curator_image.duplicates.fingerprint import FINGERPRINT_FILE
from curator_image.duplicates.kept_pictures import Comparison

_ROWS, _FOUND = "rows", "found"
"""Metadata of tasks: rows of pictures, and what was found of them."""
_PER_TASK = 1024


@dataclass(kw_only=True)
class CompareWithKept(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Find the pictures of a task that are near-duplicates of one that stays."""

    prints: str
    """File of their fingerprints."""
    against: tuple[str, ...] = ()
    """Files of fingerprints of pictures that stay whatever comes."""
    stay: str
    """JSON file with the rows of those that stay so far."""
    threshold: float
    min_overlap: float
    _compare: Comparison | None = field(init=False, default=None, repr=False)
    _stay: list[int] = field(init=False, default_factory=list[int], repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Open the files.

        Raises:
            StorageError: One cannot be read.
        """
        self._stay = json.loads(read_bytes(self.stay))
        others = [FINGERPRINT_FILE.read(path) for path in self.against]
        self._compare = Comparison(
            FINGERPRINT_FILE.read(self.prints),
            pa.concat_tables(others) if others else None,
            threshold=self.threshold,
            min_overlap=self.min_overlap,
        )

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Compare the pictures of a task."""
        assert self._compare is not None, "set up"
        rows: list[int] = task._metadata[_ROWS]
        found = {_ROWS: rows, _FOUND: list(self._compare(self._stay, rows))}
        return FileGroupTask(data=task.data, dataset_name=task.dataset_name, _metadata=found)

    def teardown(self) -> None:
        """Let go of what stays."""
        self._compare = None


@dataclass(kw_only=True)
class CompareInSteps:
    """Compares the pictures of each round in a step of a run, as `Comparison` does in one process.

    Example:
        >>> compare = CompareInSteps(
        ...     steps=steps, prints="out/fingerprints.arrow", threshold=0.9, min_overlap=0.5
        ... )
        >>> find_near(fingerprints, order, compare=compare)
    """

    steps: Steps
    name: str
    """Of the steps, with a number behind it."""
    prints: str
    against: tuple[str, ...] = ()
    threshold: float
    min_overlap: float
    _rounds: int = field(init=False, default=0)

    def __call__(
        self, stay: Sequence[int], rows: Sequence[int]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """See `Comparison`.

        Raises:
            StageError: The step failed.
        """
        self._rounds += 1
        name = f"{self.name}-{self._rounds}"
        kept = join(self.steps.cache, f"{name}.json")
        write_atomic(kept, json.dumps(stay).encode())
        stage = CompareWithKept(
            prints=self.prints,
            against=self.against,
            stay=kept,
            threshold=self.threshold,
            min_overlap=self.min_overlap,
        )
        before, left = short_hash(str(stay)), set(rows)
        for task in self.steps.run(name, stage, list(_tasks(self.prints, rows, before))):
            left -= set(task._metadata[_ROWS])
            yield from ((row, found) for row, found in task._metadata[_FOUND])
        if left:
            # A task that failed is in quarantine; the answer is the same all the same, or the run ends.
            stage.setup()
            assert stage._compare is not None
            yield from stage._compare(stay, sorted(left))


def _tasks(prints: str, rows: Sequence[int], before: str) -> Iterator[FileGroupTask]:
    for start in range(0, len(rows), _PER_TASK):
        some = list(rows[start : start + _PER_TASK])
        yield FileGroupTask(
            data=[prints],
            span=(start, start + len(some)),
            stamp=short_hash(before, str(some)),
            _metadata={_ROWS: some},
        )
