"""What a worker asks for, and what this machine has.

Placement is `calculator.py`'s; here are the request, the identity of nodes and workers, and the
CPUs and memory that this process may use, container limits included.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from curator_engine.errors import ResourceError
from curator_engine.positional import positional

_CGROUPS = Path("/sys/fs/cgroup")
_OWN_CGROUP = Path("/proc/self/cgroup")


@positional("cpus", "gpu_memory_gb", "gpus")
@dataclass(frozen=True, kw_only=True)
class Resources:
    """What one worker of a stage needs.

    Raises:
        ResourceError: A negative amount, or more than one way of asking for GPUs.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    """GPUs; a fraction shares one GPU with other workers."""
    gpu_memory_gb: float = 0.0
    """GPU memory in GB (10^9 bytes); becomes a fraction of a GPU when the worker is placed."""
    entire_gpu: bool = False
    """One whole GPU, whatever its memory."""

    def __post_init__(self) -> None:
        for name in ("cpus", "gpus", "gpu_memory_gb"):
            if getattr(self, name) < 0:
                raise ResourceError(f"Resources({name}={getattr(self, name)}) is negative.")
        if (self.gpus > 0) + (self.gpu_memory_gb > 0) + self.entire_gpu > 1:
            raise ResourceError("Resources takes one of gpus=, gpu_memory_gb= and entire_gpu=.")

    @property
    def requires_gpu(self) -> bool:
        """Whether a worker needs any part of a GPU."""
        return self.gpus > 0 or self.gpu_memory_gb > 0 or self.entire_gpu


@positional("node_id")
@dataclass(frozen=True, kw_only=True)
class NodeInfo:
    """The node that a worker runs on."""

    node_id: str = ""


@positional("worker_id", "allocation")
@dataclass(frozen=True, kw_only=True)
class WorkerMetadata:
    """The worker that a stage is set up in."""

    worker_id: str = ""
    allocation: Resources | None = None


@dataclass(frozen=True, kw_only=True)
class WorkerPlace:
    """The process that did something, as events name it."""

    pid: int = 0
    node: str = "local"
    actor: str = ""
    """Id of the Ray actor; empty outside Ray and in a Ray task."""


HERE = WorkerPlace()
"""The driver itself."""


def usable_cpus(cgroups: Path = _CGROUPS, *, own: Path = _OWN_CGROUP) -> int:
    """CPUs that this process may use: its affinity mask, capped by its cgroups' quotas; at least 1."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for folder in _folders(cgroups, own, kind="cpu"):
        quota = _read_words(folder / "cpu.max")
        if not quota:
            quota = [
                *_read_words(folder / "cpu.cfs_quota_us"),
                *_read_words(folder / "cpu.cfs_period_us"),
            ]
        if len(quota) == 2 and quota[0] not in ("max", "-1"):
            cpus = min(cpus, -(-int(quota[0]) // int(quota[1])))
    return max(1, cpus)


def usable_memory_bytes(cgroups: Path = _CGROUPS, *, own: Path = _OWN_CGROUP) -> int:
    """Memory that this process may use: the machine's, capped by its cgroups' limits."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for folder in _folders(cgroups, own, kind="memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            limit = _read_words(folder / name)
            if limit and limit[0] != "max":
                total = min(total, int(limit[0]))
    return total


def _folders(cgroups: Path, own: Path, *, kind: str) -> list[Path]:
    """The cgroups that this process is in, of version 2 and 1, the root first.

    Args:
        cgroups: Where the cgroups are mounted.
        own: Says which are this process's; inside a container they may be the root.
        kind: The controller of version 1.
    """
    folders = [cgroups, cgroups / kind]
    for line in _read_words(own):
        _, controllers, path = line.split(":", 2)
        base = cgroups if not controllers else cgroups / kind
        if not controllers or kind in controllers.split(","):
            parts = Path(path).parts[1:]
            folders += [base.joinpath(*parts[:n]) for n in range(1, len(parts) + 1)]
    return folders


def _read_words(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        return []
