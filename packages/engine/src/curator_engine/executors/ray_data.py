"""RayDataExecutor: Ray Data moves the tasks, a row each, through map_batches over chains.

`on_ray/segments.py` says what happens to a batch.
"""

import gc
import itertools
import logging
import os
import time
import uuid
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import ray
import ray.data
from ray.data import ActorPoolStrategy, DataContext, TaskPoolStrategy

from curator_engine.executor import CommonOptions
from curator_engine.on_ray.batch_recorder import Recorder
from curator_engine.on_ray.nodes import set_up_nodes
from curator_engine.on_ray.ray_worker import dump_bytes, load_bytes
from curator_engine.on_ray.segments import ChainJob, Item, StreamingExecutor, StreamWorker
from curator_engine.on_ray.session import cluster_nodes
from curator_engine.running.calculator import Node, Placement
from curator_engine.running.chain import Chain
from curator_engine.running.plan import Crew, Plan
from curator_engine.running.progress import Progress, ProgressSink
from curator_engine.stage import AnyStage, ProcessingStage

_COLUMN = "task"
_MAX_ROWS, _BLOCKS_PER_WORKER = 64, 8
"""Items of a block at most, and blocks per worker at least, as far as there are items."""
_TEARDOWN_S = 5.0
"""Seconds that workers get to tear down."""
_WORKERS: dict[str, StreamWorker] = {}
"""The workers of this process by chain, for chains that run as Ray tasks and need no setup."""


@dataclass(frozen=True, kw_only=True)
class RayDataOptions(CommonOptions):
    """Options of RayDataExecutor."""

    logging_interval: float = 60.0
    """Seconds between lines on progress where there is no terminal."""


class RayDataExecutor(StreamingExecutor[RayDataOptions]):
    """Runs pipelines with Ray Data.

    Args:
        config: See `RayDataOptions`.
        ignore_head_node: Place no worker on the cluster's head.

    Raises:
        SettingsError: An unknown option, or a value out of range.
    """

    kind = RayDataOptions

    def progress(self) -> ProgressSink | None:
        """What shows how far a run is."""
        return Progress(logging_interval=self.options.logging_interval)

    def _prepare(self, plan: Plan, placements: dict[int, Placement]) -> None:
        set_up_nodes(plan.chains, [placements[chain.index] for chain in plan.chains])

    def _crews(
        self, chains: Sequence[Chain], placements: Sequence[Placement], nodes: Sequence[Node]
    ) -> list[Crew]:
        return [
            Crew(placement=placement, at_first=_at_first(chain))
            for chain, placement in zip(chains, placements, strict=True)
        ]

    def _run_jobs(
        self, jobs: list[ChainJob], placements: list[Placement], items: list[Item]
    ) -> None:
        # Ray Data starts a task per block, so a block has many items; but every worker gets several
        # blocks.
        rows = max(1, min(_MAX_ROWS, len(items) // (_BLOCKS_PER_WORKER * placements[0].count)))
        blocks: list[Any] = [
            pa.table({_COLUMN: [dump_bytes(item) for item in group]})
            for group in itertools.batched(items, rows)
        ]
        with _quiet():
            data: Any = ray.data.from_arrow(blocks)
            for job, placement in zip(jobs, placements, strict=True):
                data = self._map(data, job, placement)
            for _ in data.iter_internal_ref_bundles():
                pass
            del data
        _wait_for_teardown(self._recorder)

    def _map(self, data: Any, job: ChainJob, placement: Placement) -> Any:
        chain = job.chain
        need, stage = chain.resources, chain.stages[0]
        options: dict[str, Any] = {
            "batch_size": (chain.batch_size or None) if chain.splits else 1,
            "batch_format": "pyarrow",
            "num_cpus": need.cpus,
            "num_gpus": max(placement.gpus.values(), default=0.0) or None,
            "zero_copy_batch": True,
        }
        if stage.runtime_env:
            options["runtime_env"] = stage.runtime_env
        if self.ignore_head_node:
            head = next(node.node_id for node in cluster_nodes() if node.is_head)
            options["label_selector"] = {"ray.io/node-id": f"!{head}"}
        if needs_actor(chain):
            least = _at_first(chain) or placement.count
            pool = ActorPoolStrategy(min_size=least, max_size=placement.count)
            mapped = data.map_batches(_ActorMap, fn_constructor_args=[job], compute=pool, **options)
        else:
            pool = TaskPoolStrategy(stage.num_workers())
            key = f"{uuid.uuid4().hex}-{chain.index}"
            mapped = data.map_batches(
                _run_task, fn_kwargs={"job": job, "key": key}, compute=pool, **options
            )
        spread = any(stage.fan_out for stage in chain.stages)
        return mapped.repartition(target_num_rows_per_block=1) if spread else mapped


def needs_actor(chain: Chain) -> bool:
    """Whether a stage keeps something between batches: setup, teardown, a GPU, or it says so."""
    return any(_keeps_state(stage) for stage in chain.stages)


def _at_first(chain: Chain) -> int | None:
    """Workers that a chain starts with; None if their number is fixed."""
    # One actor at first, so that stages that wait for each other never hold all CPUs.
    return None if chain.is_source or chain.stages[0].num_workers() is not None else 1


def _keeps_state(stage: AnyStage) -> bool:
    kind = type(stage)
    return (
        kind.setup is not ProcessingStage.setup
        or kind.teardown is not ProcessingStage.teardown
        or stage.resources.requires_gpu
        or bool(stage.ray_stage_spec().get("is_actor_stage"))
    )


def _wait_for_teardown(recorder: Recorder) -> None:
    """Wait until all workers have torn down, which Ray Data does not; not for ever, as a dead one never does."""
    gc.collect()
    deadline = time.monotonic() + _TEARDOWN_S
    while recorder.present() and time.monotonic() < deadline:
        time.sleep(0.05)


@contextmanager
def _quiet() -> Generator[None]:
    """Turn off Ray Data's own bars and lines, since the run's progress is shown for all executors."""
    context, log = DataContext.get_current(), logging.getLogger("ray.data")
    before = (context.enable_progress_bars, context.print_on_execution_start, log.level)
    context.enable_progress_bars = context.print_on_execution_start = False
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        context.enable_progress_bars, context.print_on_execution_start, level = before
        log.setLevel(level)


class _ActorMap:
    """A chain in one of Ray Data's actors."""

    def __init__(self, job: ChainJob) -> None:
        actor = ray.get_runtime_context().get_actor_id() or ""
        self._worker = StreamWorker(job, f"{job.chain.name}-{actor}")
        self._worker.setup()

    def __call__(self, batch: pa.Table) -> pa.Table:
        return _run(self._worker, batch)

    def __del__(self) -> None:
        # Ray Data deletes the function before it lets the actor go.
        self._worker.teardown()


def _run_task(batch: pa.Table, job: ChainJob, key: str) -> pa.Table:
    if key not in _WORKERS:
        _WORKERS.clear()
        _WORKERS[key] = StreamWorker(job, f"pid-{os.getpid()}")
    return _run(_WORKERS[key], batch)


def _run(worker: StreamWorker, batch: pa.Table) -> pa.Table:
    items: list[Item] = [load_bytes(b) for b in batch.column(_COLUMN).to_pylist() if b]
    outputs = worker.run(items)
    blobs = [dump_bytes(task) for task in outputs]
    return pa.table({_COLUMN: pa.array(blobs, pa.large_binary())})
