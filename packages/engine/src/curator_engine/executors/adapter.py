"""What a user's own executor needs: a stage run by hand, and a clock for it, by NeMo Curator's names.

The adapter applies the rules of `running/runner.py` to one stage. Our own executors run whole
chains.
"""

import logging
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from curator_engine.failures import FailurePolicy
from curator_engine.perf import StagePerfStats
from curator_engine.resources import NodeInfo, WorkerMetadata
from curator_engine.running.chain import Chain
from curator_engine.running.runner import Runner
from curator_engine.stage import AnyStage
from curator_engine.task import Task

type AnyTask = Task[Any]

_log = logging.getLogger(__name__)


class BaseStageAdapter:
    """One stage in one worker, from setup to teardown.

    Args:
        stage: The stage, not a composite one.
    """

    def __init__(self, stage: AnyStage) -> None:
        self.stage = stage
        self._runner = Runner(Chain(index=0, stages=(stage,)), FailurePolicy())

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Prepare a node, once, before any worker on it starts."""
        self.stage.setup_on_node(node_info, worker_metadata)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Prepare this worker.

        Raises:
            StageError: The stage's setup failed.
        """
        self._runner.setup(worker_metadata)

    def process_batch(self, tasks: Sequence[AnyTask]) -> list[AnyTask]:
        """Run the stage on some tasks; more than its `batch_size` are handed on in several batches.

        Returns:
            Its output tasks, with ids and `_stage_perf`; filtered tasks are not among them.

        Raises:
            StageError: The stage failed.
        """
        outcome = self._runner.run(tasks)
        for each in outcome.rejections:
            where = each.file if each.line is None else f"{each.file}:{each.line}"
            _log.warning("%s: %s left out a part: %s", where, self.stage.name, each.reason)
        return outcome.outputs

    def teardown(self) -> None:
        """Release what `setup` took.

        Raises:
            StageError: The stage's teardown failed.
        """
        self._runner.teardown()


class StageTimer:
    """A clock for the batches of one stage.

    Args:
        stage: The stage that the records name.
    """

    def __init__(self, stage: AnyStage) -> None:
        self._stage_name = stage.name
        self._last_end: float | None = None
        self._seconds = self._idle_s = 0.0
        self._items = self._bytes = 0

    def reinit(self, stage_input_size: int = 0) -> None:
        """Begin a batch.

        Args:
            stage_input_size: Bytes of the input.
        """
        now = time.perf_counter()
        self._idle_s = 0.0 if self._last_end is None else now - self._last_end
        self._seconds, self._items, self._bytes = 0.0, 0, stage_input_size

    @contextmanager
    def time_process(self, num_items: int = 1) -> Generator[None]:
        """Time the block, which processes so many items; also if it fails."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds += time.perf_counter() - start
            self._items += num_items

    def log_stats(self, *, verbose: bool = False) -> tuple[str, StagePerfStats]:
        """End the batch.

        Args:
            verbose: Log the record.

        Returns:
            The stage's name and the record.
        """
        stats = StagePerfStats(
            stage_name=self._stage_name,
            process_time=self._seconds,
            actor_idle_time=self._idle_s,
            input_data_size_mb=self._bytes / 1e6,
            num_items_processed=self._items,
        )
        if verbose:
            _log.info("%s", stats)
        self._last_end = time.perf_counter()
        return self._stage_name, stats
