"""What is to be known and done about nodes: how many workers fit, and `setup_on_node`.

Every stage is set up once on every node that its workers may be on, before they start.
"""

from collections.abc import Sequence
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curator_engine.calculator import Placement, place
from curator_engine.chain import Chain
from curator_engine.errors import StageError
from curator_engine.executors.session import cluster_nodes
from curator_engine.resources import NodeInfo, Resources, WorkerMetadata
from curator_engine.stage import AnyStage, ProcessingStage


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
