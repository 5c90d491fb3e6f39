"""XennaExecutor: Cosmos-Xenna moves the tasks, streaming with autoscaling or stage by stage.

Stages become Xenna's stage specifications; `on_ray/segments.py` says what happens to a batch.
"""

import itertools
import logging
import math
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal

import attrs
from cosmos_xenna.pipelines import v1 as xenna
from cosmos_xenna.pipelines.private.specs import StreamingSpecificSpec
from cosmos_xenna.ray_utils.runtime_envs import RuntimeEnv
from cosmos_xenna.utils.verbosity import VerbosityLevel

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executor import CommonOptions
from curator_engine.on_ray.nodes import set_up_nodes, wait_for_nodes
from curator_engine.on_ray.segments import (
    ChainJob,
    Item,
    StreamingExecutor,
    StreamWorker,
    most_batches,
)
from curator_engine.on_ray.session import XENNA_VARIABLES
from curator_engine.on_ray.xenna_patches import patience, quiet
from curator_engine.resources import NodeInfo, Resources, WorkerMetadata
from curator_engine.running.calculator import Node, Placement, fit_together, place
from curator_engine.running.chain import Chain
from curator_engine.running.plan import Crew, Plan
from curator_engine.running.progress import Progress, ProgressSink

_log = logging.getLogger(__name__)

_ALL = 1 << 30
"""A batch size that no stage reaches: Xenna hands over what there is when the stage before is done."""
_OURS = {
    *("execution_mode", "ignore_failures", "return_last_stage_outputs", "mode_specific"),
    *("cpu_allocation_percentage", "logging_interval_s", "failures_return_nones"),
    *("serving_drain_on_close", "serving_drain_timeout_s"),
}
_MAX_BUNDLE, _ROUNDS = 16, 16
"""Tasks of a bundle at most, and bundles per worker at least, as far as there are tasks."""
_DEATHS = 3
"""Xenna gives a task up when so many more actors have died over it than its policy allows."""
_VERBOSITY = ("actor_pool_verbosity_level", "monitoring_verbosity_level")
_PIPELINE_KEYS = {f.name for f in attrs.fields(xenna.PipelineConfig)} - _OURS
_STREAMING_KEYS = {f.name for f in attrs.fields(StreamingSpecificSpec)} - {"autoscale_interval_s"}
_FOREIGN_KEYS = _PIPELINE_KEYS | _STREAMING_KEYS
_DEAF_KEYS = {key for key in _FOREIGN_KEYS if key.endswith("_verbosity_level")}
"""Options about output that is not printed here: see `xenna_patches.py`."""
_STAGE_KEYS = {f.name for f in attrs.fields(xenna.StageSpec)} - {"stage", "num_workers"}


@dataclass(frozen=True, kw_only=True)
class XennaOptions(CommonOptions):
    """Options of XennaExecutor; Cosmos-Xenna's own of the installed version are taken as well.

    Its levels of verbosity are refused: it is silent here, and a run shows its own progress.
    """

    execution_mode: Literal["streaming", "batch"] = "streaming"
    """streaming: stages run at the same time; batch: one after the other."""
    logging_interval: float = 60.0
    """Seconds between lines on progress where there is no terminal."""
    cpu_allocation_percentage: float = 0.95
    """Ratio of each node's CPUs that the run may use, in (0, 1]."""
    autoscale_interval_s: float = 180.0
    """Seconds between two rounds of autoscaling."""
    max_workers_per_stage: int | None = None
    """A cap that is below what fits fixes a stage's number of workers."""

    def check(self) -> None:
        """Raise for a value out of range.

        Raises:
            SettingsError: A value is out of range.
        """
        if self.execution_mode not in ("streaming", "batch"):
            raise SettingsError(
                f"execution_mode={self.execution_mode!r} is not streaming or batch."
            )
        if not 0 < self.cpu_allocation_percentage <= 1:
            value = self.cpu_allocation_percentage
            raise SettingsError(f"cpu_allocation_percentage={value} is not a ratio in (0, 1].")
        for name in ("logging_interval", "autoscale_interval_s"):
            if getattr(self, name) <= 0:
                raise SettingsError(f"{name}={getattr(self, name)} is not above 0.")
        if self.max_workers_per_stage is not None and self.max_workers_per_stage < 1:
            raise SettingsError(f"max_workers_per_stage={self.max_workers_per_stage} is below 1.")


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """Tasks that Cosmos-Xenna moves as one item, and that a worker runs one by one.

    Each move of an item waits for several of Cosmos-Xenna's loops, which look for work every 10 ms.
    """

    tasks: Sequence[Item]


class XennaExecutor(StreamingExecutor[XennaOptions]):
    """Runs pipelines with Cosmos-Xenna on Ray.

    Args:
        config: See `XennaOptions`.
        ignore_head_node: Not supported: Cosmos-Xenna uses all nodes.

    Raises:
        ValueError: `ignore_head_node` is True.
        SettingsError: An unknown option, or a value out of range.
    """

    kind = XennaOptions
    _variables = XENNA_VARIABLES
    _ratio: float = 1.0
    """Ratio of each node's CPUs that the present run may use."""

    def __init__(
        self, config: dict[str, Any] | None = None, ignore_head_node: bool = False
    ) -> None:
        super().__init__(config, ignore_head_node)
        if ignore_head_node:
            raise ValueError("ignore_head_node is not supported by XennaExecutor.")
        if deaf := sorted(key for key in self.config if key in _DEAF_KEYS):
            raise SettingsError(
                f"{deaf[0]} has no effect: Cosmos-Xenna is silent here, and a run shows its own "
                "progress; leave it out, or set logging_interval=."
            )
        self._foreign = {k: v for k, v in self.config.items() if k in _FOREIGN_KEYS}

    def _own_config(self) -> dict[str, Any]:
        return {k: v for k, v in self.config.items() if k not in _FOREIGN_KEYS}

    @contextmanager
    def session(self) -> Generator[None]:
        """A Ray session whose nodes all answer: Cosmos-Xenna asks each one that is listed."""
        with super().session():
            wait_for_nodes()
            yield

    def progress(self) -> ProgressSink | None:
        """What shows how far a run is."""
        return Progress(logging_interval=self.options.logging_interval)

    def _prepare(self, plan: Plan, placements: dict[int, Placement]) -> None:
        # The source is not Xenna's to run, so its node is not Xenna's to prepare.
        first = plan.chains[0]
        if first.is_source:
            set_up_nodes([first], [placements[first.index]])

    def _offered(self, nodes: list[Node]) -> list[Node]:
        ratio = self._ratio = self._ratio_for(nodes)
        offered = [replace(node, cpus=math.floor(node.cpus * ratio)) for node in nodes]
        if not any(node.cpus for node in offered):
            most = max(node.cpus for node in nodes)
            raise ResourceError(
                f"{ratio:g} of {most:g} CPUs is less than one, and Cosmos-Xenna hands out whole ones. "
                "Use cpu_allocation_percentage=1, or another executor."
            )
        return offered

    def _ratio_for(self, nodes: Sequence[Node]) -> float:
        """The ratio of the CPUs to use; where the default leaves no node a whole one, all of them."""
        ratio = self.options.cpu_allocation_percentage
        is_given = "cpu_allocation_percentage" in self.config
        return 1.0 if not is_given and all(node.cpus * ratio < 1 for node in nodes) else ratio

    def _place(self, chain: Chain, nodes: Sequence[Node]) -> Placement:
        """Place workers as if all GPUs were as small as the smallest: Xenna takes the same share of each."""
        need = chain.resources.gpu_memory_gb
        least = min((n for n in nodes if n.gpus), key=lambda n: n.gpu_memory_gb, default=None)
        if need and least and 0 < least.gpu_memory_gb < need:
            raise ResourceError(
                f"{chain.name} needs {need:g} GB of GPU memory; node {least.node_id} has GPUs of "
                f"{least.gpu_memory_gb:g} GB, and Cosmos-Xenna leaves no node out. Use another executor."
            )
        if least:
            memory = least.gpu_memory_gb
            nodes = [replace(n, gpu_memory_gb=memory) if n.gpus else n for n in nodes]
        return super()._place(chain, nodes)

    def _run_jobs(
        self, jobs: list[ChainJob], placements: list[Placement], items: list[Item]
    ) -> None:
        modes = xenna.ExecutionMode
        is_batch = self.options.execution_mode == "batch"
        silent = VerbosityLevel.NONE
        mine: dict[str, Any] = dict.fromkeys(_VERBOSITY, silent)
        if not any(node.gpus for node in self._nodes):
            # There is nothing to hide, and for a variable of its own Ray starts a process for each
            # actor instead of taking one that waits.
            mine["clear_cuda_visible_devices_on_cpu_actors"] = False
        mine |= {k: v for k, v in self._foreign.items() if k in _PIPELINE_KEYS}
        streaming: dict[str, Any] = {"executor_verbosity_level": silent}
        streaming |= {k: v for k, v in self._foreign.items() if k in _STREAMING_KEYS}
        config = xenna.PipelineConfig(
            execution_mode=modes.BATCH if is_batch else modes.STREAMING,
            cpu_allocation_percentage=self._ratio,
            logging_interval_s=self.options.logging_interval,
            mode_specific=StreamingSpecificSpec(
                autoscale_interval_s=self.options.autoscale_interval_s, **streaming
            ),
            **mine,
        )
        chains = [job.chain for job in jobs]
        batches = most_batches(chains, len(items))
        counts = self._fixed_workers(chains, placements, self._nodes, batches)
        specs = [
            self._spec(job, count, gpus=max(placement.gpus.values()))
            for job, count, placement in zip(jobs, counts, placements, strict=True)
        ]
        size = _bundle_size(jobs, placements, len(items))
        bundles = [Bundle(tasks=group) for group in itertools.batched(items, size)]
        spec = xenna.PipelineSpec(
            input_data=bundles if size > 1 else items, stages=specs, config=config
        )
        retries = max(job.policy.retries for job in jobs)
        with quiet(), patience(_DEATHS + size * (1 + retries)):
            xenna.run_pipeline(spec)

    def _crews(
        self, chains: Sequence[Chain], placements: Sequence[Placement], nodes: Sequence[Node]
    ) -> list[Crew]:
        counts = self._fixed_workers(chains, placements, nodes)
        return [
            self._crew(chain, placement, count, nodes)
            for chain, placement, count in zip(chains, placements, counts, strict=True)
        ]

    def _crew(
        self, chain: Chain, placement: Placement, count: int | None, nodes: Sequence[Node]
    ) -> Crew:
        """What the segment leaves of a chain's placement: `count` workers, or a range."""
        if chain.is_source or count == placement.count:
            return Crew(placement=placement)
        if count is None:
            # Batch mode gives a stage all that fits from the start.
            streaming = self.options.execution_mode == "streaming"
            return Crew(placement=placement, at_first=1 if streaming else None)
        fixed = place(nodes, chain.resources, num_workers=count, asked_by="max_workers_per_stage")
        if count != self.options.max_workers_per_stage:
            fixed = replace(fixed, limit="resources, with the segment's other stages")
        return Crew(placement=fixed)

    def _fixed_workers(
        self,
        chains: Sequence[Chain],
        placements: Sequence[Placement],
        nodes: Sequence[Node],
        batches: Sequence[int] | None = None,
    ) -> list[int | None]:
        """Workers of the stages that do not scale by themselves, so many that all fit at once.

        A chain has no more workers than batches, where their number is known.
        """
        cap = self.options.max_workers_per_stage
        counts: list[int | None] = []
        for i, (chain, placement) in enumerate(zip(chains, placements, strict=True)):
            wanted = chain.stages[0].num_workers()
            most = min(placement.count, batches[i] if batches else placement.count)
            if wanted is not None:
                counts.append(min(wanted, cap or wanted, most))
            elif cap is not None and cap < most:
                _log.info("%s: max_workers_per_stage fixes it at %d workers.", chain.name, cap)
                counts.append(cap)
            else:
                counts.append(most if most < placement.count else None)
        together = self.options.execution_mode == "streaming"
        while together and not _fit(chains, counts, nodes):
            most = max(count or 0 for count in counts)
            if most < 2:
                break
            counts[counts.index(most)] = most - 1
        return counts

    def _spec(
        self, job: ChainJob, workers: int | None, *, gpus: float
    ) -> xenna.StageSpec[Any, Any]:
        stage = job.chain.stages[0]
        own = stage.xenna_stage_spec()
        unknown = own.keys() - _STAGE_KEYS
        if unknown:
            raise SettingsError(
                f"{stage.name}: xenna_stage_spec() has the unknown key {min(unknown)!r}; "
                f"there are {', '.join(sorted(_STAGE_KEYS))}."
            )
        return xenna.StageSpec(_adapter(job, gpus), num_workers=workers, **own)


def _fit(chains: Sequence[Chain], counts: Sequence[int | None], nodes: Sequence[Node]) -> bool:
    """Whether so many workers of each chain fit at the same time; one where it scales by itself."""
    needs = [
        chain.resources for chain, n in zip(chains, counts, strict=True) for _ in range(n or 1)
    ]
    return fit_together(nodes, needs)


def _bundle_size(jobs: list[ChainJob], placements: list[Placement], num_items: int) -> int:
    """Tasks that travel together; 1 where a stage wants more than one task at a time."""
    if any(job.chain.batch_size != 1 or not job.chain.splits for job in jobs):
        return 1
    workers = max(placement.count for placement in placements)
    return max(1, min(_MAX_BUNDLE, num_items // (_ROUNDS * workers)))


class XennaStageAdapter(xenna.Stage[Any, Any]):
    """A chain as Cosmos-Xenna wants it.

    Args:
        job: The chain.
        gpus: GPUs that a worker takes; gigabytes are a share of the cluster's GPUs here.
    """

    def __init__(self, job: ChainJob, gpus: float) -> None:
        self._job = job
        self._gpus = gpus
        self._worker: StreamWorker | None = None

    @property
    def stage_batch_size(self) -> int:
        """Items per call; a group is one item."""
        chain = self._job.chain
        return (chain.batch_size or _ALL) if chain.splits else 1

    @property
    def required_resources(self) -> Any:
        """What a worker takes."""
        return xenna.Resources(cpus=self._job.chain.resources.cpus, gpus=self._gpus)

    @property
    def env_info(self) -> RuntimeEnv | None:
        """The stage's runtime environment."""
        env = self._job.chain.stages[0].runtime_env
        return _StageEnv(env) if env else None

    def setup_on_node(self, node_info: Any, worker_metadata: Any) -> None:
        """Prepare the node: called by the first worker on it."""
        info = NodeInfo(node_id=str(getattr(node_info, "node_id", "")))
        for stage in self._job.chain.stages:
            stage.setup_on_node(info, _metadata(worker_metadata))

    def setup(self, worker_metadata: Any) -> None:
        """Set the worker up."""
        self._worker = StreamWorker(self._job, _metadata(worker_metadata).worker_id)
        self._worker.setup()

    def process_data(self, in_data: list[Any]) -> list[Any]:
        """Run a batch, or a bundle."""
        if self._worker is None:
            self._worker = StreamWorker(self._job, f"pid-{os.getpid()}")
            self._worker.setup()
        if not isinstance(in_data[0], Bundle):
            return self._worker.run(in_data)
        outputs = [out for task in in_data[0].tasks for out in self._worker.run([task])]
        if any(stage.fan_out for stage in self._job.chain.stages):
            return outputs
        return [Bundle(tasks=outputs)] if outputs else []

    def destroy(self) -> None:
        """Tear the worker down."""
        if self._worker is not None:
            self._worker.teardown()


class _StageEnv(RuntimeEnv):
    """A whole Ray runtime environment; Cosmos-Xenna's own class knows conda and variables only."""

    def __init__(self, env: dict[str, Any]) -> None:
        super().__init__(extra_env_vars=dict(env.get("env_vars", {})))
        self._env = env

    def to_ray_runtime_env(self) -> Any:
        from ray.runtime_env import RuntimeEnv as RayEnv

        rest = {key: value for key, value in self._env.items() if key != "env_vars"}
        return RayEnv(env_vars=self.extra_env_vars, **rest)


def _adapter(job: ChainJob, gpus: float) -> XennaStageAdapter:
    """An adapter whose class bears the chain's name, since Xenna's logs show classes."""
    name = "".join(part.title() for part in job.chain.name.replace(" + ", "_").split("_"))
    return type(name, (XennaStageAdapter,), {})(job, gpus)


def _metadata(worker: Any) -> WorkerMetadata:
    allocation = getattr(worker, "allocation", None)
    cpus = float(getattr(allocation, "cpus", 0.0) or 0.0)
    return WorkerMetadata(
        worker_id=str(getattr(worker, "worker_id", "")), allocation=Resources(cpus=cpus)
    )
