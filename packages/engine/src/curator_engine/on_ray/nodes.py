"""Nodes of a Ray cluster: count the workers that fit, and call `setup_on_node`.

A stage's `setup_on_node` is called once on every node that its workers may be on, before they
start.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curator_engine.errors import ResourceError, StageError
from curator_engine.on_ray.session import cluster_nodes
from curator_engine.resources import NodeInfo, Resources, WorkerMetadata
from curator_engine.running.calculator import Placement, place
from curator_engine.running.chain import Chain
from curator_engine.stage import AnyStage, ProcessingStage

_ANSWER_S, _PAUSE_S = 10.0, 0.5
"""Seconds that a node has to answer, for which it may have to start a process; and between two
questions."""


def set_up_nodes(chains: Sequence[Chain], placements: Sequence[Placement]) -> None:
    """Call the stages' `setup_on_node` where it is overridden.

    Args:
        chains: The chains of a plan.
        placements: Where each one's workers may be.

    Raises:
        StageError: A call failed.
    """
    remote: Any = ray.remote(_set_up)
    calls: list[Any] = []
    for chain, placement in zip(chains, placements, strict=True):
        if all(type(s).setup_on_node is ProcessingStage.setup_on_node for s in chain.stages):
            continue
        for node in placement.workers:
            options: dict[str, Any] = {
                "num_cpus": 0,
                "scheduling_strategy": NodeAffinitySchedulingStrategy(node, soft=False),
                "runtime_env": chain.stages[0].runtime_env or {},
            }
            calls.append(remote.options(**options).remote(chain, node))
    try:
        ray.get(calls)
    except RayError as error:
        raise StageError(f"setup_on_node failed: {str(error).splitlines()[-1]}") from error


def wait_for_nodes(patience: float = 60.0) -> None:
    """Wait until every node that Ray lists answers, since Ray lists a dead node for some seconds more.

    Args:
        patience: Seconds to wait at most.

    Raises:
        ResourceError: A node is still listed, and silent.
    """
    until = time.monotonic() + patience
    answered: set[str] = set()
    while silent := [n.node_id for n in cluster_nodes() if n.node_id not in answered]:
        if len(silent) == 1 and not answered:
            return  # a cluster of one node is the one that this process is connected to
        if time.monotonic() > until:
            raise ResourceError(
                f"node {silent[0]} is in Ray's list, but did not answer for {patience:g} s; "
                "check `ray status`, and run again when it is gone or back."
            )
        answered |= _ask(silent)


def _ask(nodes: Sequence[str]) -> set[str]:
    """The nodes that answer within seconds."""
    remote: Any = ray.remote(num_cpus=0, max_retries=0)(_here)
    calls = {
        remote.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)
        ).remote(): node
        for node in nodes
    }
    ended, waiting = ray.wait(list(calls), num_returns=len(calls), timeout=_ANSWER_S)
    for call in waiting:
        ray.cancel(call, force=True)
    answered: set[str] = set()
    for call in ended:
        with suppress(RayError):
            ray.get(call)
            answered.add(calls[call])
    if not answered:
        time.sleep(_PAUSE_S)
    return answered


def _here() -> None:
    pass


def calculate_optimal_actors_for_stage(
    stage: AnyStage,
    num_tasks: int,
    reserved_cpus: float = 0.0,
    reserved_gpus: float = 0.0,
    ignore_head_node: bool = False,
) -> int:
    """Workers of a stage that fit on the cluster that this process is connected to.

    Args:
        stage: The stage; its `num_workers()` and `batch_size` count.
        num_tasks: Tasks that there are.
        reserved_cpus: CPUs to leave free.
        reserved_gpus: GPUs to leave free.
        ignore_head_node: Place none on the head.

    Raises:
        ResourceError: Not even one fits.
    """
    batches = -(-num_tasks // (stage.batch_size or max(1, num_tasks)))
    return place(
        cluster_nodes(),
        stage.resources,
        num_tasks=batches,
        num_workers=stage.num_workers(),
        reserved_cpus=reserved_cpus,
        reserved_gpus=reserved_gpus,
        ignore_head_node=ignore_head_node,
    ).count


def _set_up(chain: Chain, node: str) -> None:
    need = chain.resources
    worker = WorkerMetadata(worker_id=f"{node}-setup", allocation=Resources(cpus=need.cpus))
    for stage in chain.stages:
        stage.setup_on_node(NodeInfo(node_id=node), worker)
