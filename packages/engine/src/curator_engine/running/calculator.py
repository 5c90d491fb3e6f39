"""How many workers of a stage fit on a cluster, and where.

Pure arithmetic in thousandths of a CPU or GPU, node by node, so that no worker is planned that no
single node can hold. What a node has is told by `on_ray/session.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from curator_engine.errors import ResourceError
from curator_engine.resources import Resources

_MILLI = 1000


@dataclass(frozen=True, kw_only=True)
class Node:
    """What a node offers to workers."""

    node_id: str
    cpus: float
    gpus: int = 0
    gpu_memory_gb: float = 0.0
    """Memory of each of its GPUs in GB (10^9 bytes); 0 if it is not known."""
    is_head: bool = False


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Workers of one stage, spread over nodes."""

    workers: dict[str, int] = field(default_factory=dict[str, int])
    """Number of workers by node id."""
    gpus: dict[str, float] = field(default_factory=dict[str, float])
    """GPUs that each worker takes, by node id."""
    limit: str = ""
    """What keeps the number from being larger."""

    @property
    def count(self) -> int:
        """Workers in all."""
        return sum(self.workers.values())

    def slots(self) -> list[str]:
        """A node id per worker, round robin over the nodes."""
        left = dict(self.workers)
        order: list[str] = []
        while any(left.values()):
            for node_id in left:
                if left[node_id]:
                    left[node_id] -= 1
                    order.append(node_id)
        return order


def gpu_share(need: Resources, node: Node) -> int:
    """Thousandths of a GPU that a worker takes on this node.

    A need in GB is rounded up, never to zero, and is more than one GPU has if it does not fit.

    Raises:
        ResourceError: A need in GB, and the node has GPUs of unknown memory.
    """
    if need.entire_gpu:
        return _MILLI
    if not need.gpu_memory_gb:
        return _ceil_milli(need.gpus)
    if not node.gpus:
        return _MILLI
    if not node.gpu_memory_gb:
        raise ResourceError(
            f"the GPU memory of node {node.node_id} is not known; use gpus= instead of gpu_memory_gb=."
        )
    if need.gpu_memory_gb > node.gpu_memory_gb:
        # More than a GPU has: only nodes with larger ones can take the worker.
        return _MILLI * (node.gpus + 1)
    return max(1, _ceil_milli(need.gpu_memory_gb / node.gpu_memory_gb))


def capacity(need: Resources, node: Node, *, cpus: int, gpus: int) -> int:
    """Workers that a node holds.

    Args:
        need: What one worker takes; a worker that takes nothing counts as a thousandth of a CPU.
        node: The node.
        cpus: Its free thousandths of CPUs.
        gpus: Its free GPUs, thousandths.
    """
    wanted, share = _ceil_milli(need.cpus), gpu_share(need, node)
    if not wanted and not share:
        wanted = 1
    by_cpu = cpus // wanted if wanted else None
    if not share:
        return by_cpu or 0
    # A fraction lies on one GPU; whole ones are taken together.
    by_gpu = (gpus // _MILLI) * (_MILLI // share) if share <= _MILLI else gpus // share
    return by_gpu if by_cpu is None else min(by_cpu, by_gpu)


def place(
    nodes: Sequence[Node],
    need: Resources,
    *,
    num_tasks: int | None = None,
    num_workers: int | None = None,
    asked_by: str = "num_workers",
    reserved_cpus: float = 0.0,
    reserved_gpus: float = 0.0,
    ignore_head_node: bool = False,
) -> Placement:
    """Place as many workers as fit and are of use.

    Args:
        nodes: The cluster.
        need: What one worker takes.
        num_tasks: Batches that there are: no more workers than that; None if it is not known.
        num_workers: Exactly so many, where they fit.
        asked_by: The setting that asks for this number, for `Placement.limit`.
        reserved_cpus: CPUs to leave free on the cluster, first on its head.
        reserved_gpus: GPUs to leave free likewise.
        ignore_head_node: Place none on the head.

    Raises:
        ResourceError: Not even one worker fits.
    """
    usable = [node for node in nodes if not (ignore_head_node and node.is_head)]
    if not usable:
        raise ResourceError(
            "ignore_head_node=True leaves no node: the cluster has only its head. Add nodes, or leave it out."
        )
    free = _free(usable, reserved_cpus=reserved_cpus, reserved_gpus=reserved_gpus)
    fits = {n.node_id: capacity(need, n, cpus=free[i][0], gpus=free[i][1])
            for i, n in enumerate(usable)}  # fmt: skip
    total = sum(fits.values())
    if not total:
        raise ResourceError(f"a worker needs {describe(need)}; {_largest(usable, free)}.")
    wanted, limit = total, "resources"
    if num_workers is not None and num_workers <= wanted:
        wanted, limit = num_workers, f"{asked_by}={num_workers}"
    if num_tasks is not None and num_tasks <= wanted:
        wanted, limit = max(1, num_tasks), f"{num_tasks} {'task' if num_tasks == 1 else 'tasks'}"
    workers = _spread(fits, wanted)
    shares = {n.node_id: gpu_share(need, n) / _MILLI for n in usable if workers.get(n.node_id)}
    return Placement(workers=workers, gpus=shares, limit=limit)


def fit_together(nodes: Sequence[Node], needs: Sequence[Resources]) -> bool:
    """Whether one worker of each of these fits at the same time, the largest placed first."""
    free = _free(nodes, reserved_cpus=0.0, reserved_gpus=0.0)
    for need in sorted(needs, key=lambda n: (n.requires_gpu, n.gpus, n.cpus), reverse=True):
        for i, node in enumerate(nodes):
            if capacity(need, node, cpus=free[i][0], gpus=free[i][1]):
                free[i] = (
                    free[i][0] - _ceil_milli(need.cpus),
                    free[i][1] - gpu_share(need, node),
                )
                break
        else:
            return False
    return True


def describe(need: Resources) -> str:
    """What a worker takes, in words."""
    parts = [f"{need.cpus:g} CPUs"]
    if need.gpu_memory_gb:
        parts.append(f"{need.gpu_memory_gb:g} GB of GPU memory")
    elif need.requires_gpu:
        parts.append(f"{1 if need.entire_gpu else need.gpus:g} GPUs")
    return " and ".join(parts)


def _ceil_milli(value: float) -> int:
    # A little less, so that 0.1 + 0.2 is not a thousandth too much.
    return -int(-(value * _MILLI - 1e-6) // 1) if value else 0


def _free(
    nodes: Sequence[Node], *, reserved_cpus: float, reserved_gpus: float
) -> list[tuple[int, int]]:
    """Free thousandths of CPUs and GPUs per node, after what is reserved, heads first."""
    free = [[int(node.cpus * _MILLI), node.gpus * _MILLI] for node in nodes]
    for kind, amount in enumerate((reserved_cpus, reserved_gpus)):
        left = _ceil_milli(amount)
        for i in sorted(range(len(nodes)), key=lambda i: not nodes[i].is_head):
            taken = min(left, free[i][kind])
            free[i][kind] -= taken
            left -= taken
    return [(cpus, gpus) for cpus, gpus in free]


def _spread(fits: dict[str, int], wanted: int) -> dict[str, int]:
    """Workers by node, as even as the nodes allow."""
    workers = dict.fromkeys(fits, 0)
    left = min(wanted, sum(fits.values()))
    while left:
        for node_id, most in fits.items():
            if left and workers[node_id] < most:
                workers[node_id] += 1
                left -= 1
    return {node_id: count for node_id, count in workers.items() if count}


def _largest(nodes: Sequence[Node], free: list[tuple[int, int]]) -> str:
    cpus, gpus = max(free)
    many = f"the largest of {len(nodes)} nodes has" if len(nodes) > 1 else "the node has"
    return f"{many} {cpus / _MILLI:g} CPUs and {gpus / _MILLI:g} GPUs free"
