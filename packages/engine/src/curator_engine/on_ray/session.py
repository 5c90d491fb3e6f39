"""A Ray session for one run: the user's if there is one, else our own, which leaves nothing behind.

Also the nodes of the cluster, as `running/calculator.py` takes them.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import ray
from ray._private import worker as ray_worker
from ray._private.accelerators import NvidiaGPUAcceleratorManager as GpuManager
from ray._private.thirdparty import pynvml
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.resources import HERE, usable_cpus
from curator_engine.running.calculator import Node

_KNOCK_S = 5.0
"""Seconds that a cluster gets to accept a connection."""
_EXIT_S = 15.0
"""Seconds that the processes of our own session get to end."""
_ANSWER_S = 30.0
"""Seconds that a node gets to say what its GPUs are."""
_known_gpu_memory: dict[str, float] = {}
"""GB of memory per GPU by node id, as the nodes reported."""

XENNA_VARIABLES = {
    "RAY_MAX_LIMIT_FROM_API_SERVER": "40000",
    "RAY_MAX_LIMIT_FROM_DATA_SOURCE": "40000",
    "RAY_EXPERIMENTAL_NOSET_CUDA_VISIBLE_DEVICES": "1",
}
"""What Cosmos-Xenna needs in the environment of the processes that make up the cluster."""


@contextmanager
def ray_session(
    *,
    runtime_env: dict[str, Any] | None = None,
    variables: dict[str, str] | None = None,
) -> Generator[None]:
    """Connect to Ray for the length of a block.

    Args:
        runtime_env: For all workers, if the session is ours; a borrowed one keeps its own.
        variables: For the environment of our own session's processes.

    Raises:
        SettingsError: RAY_ADDRESS names a Ray Client server.
        ResourceError: Ray cannot be reached or started.
    """
    if ray.is_initialized():
        yield
        return
    address = os.environ.get("RAY_ADDRESS", "")
    if address.startswith("ray://"):
        raise SettingsError(
            f"RAY_ADDRESS={address} is a Ray Client address, over which executors cannot work; run "
            "this program on a node of the cluster with RAY_ADDRESS=HOST:6379."
        )
    _check_reachable(address)
    with _environment(variables or {}):
        _connect(address, runtime_env=runtime_env)
        ours = _own_processes()
        try:
            yield
        finally:
            ours |= _own_processes()
            ray.shutdown()
            wait_for_end(ours)


def _check_reachable(address: str) -> None:
    """Try to connect to the cluster first, since Ray itself waits for minutes if nobody answers."""
    host, _, port = address.rpartition(":")
    if not port.isdigit():
        return
    try:
        socket.create_connection((host, int(port)), timeout=_KNOCK_S).close()
    except OSError as error:
        raise ResourceError(
            f"the Ray cluster at {address} cannot be reached: {error}. Check RAY_ADDRESS, or unset it "
            "to start Ray here."
        ) from error


def _connect(address: str, *, runtime_env: dict[str, Any] | None) -> None:
    # "local", since without an address Ray joins any cluster that it finds on this machine.
    own: dict[str, Any] = {
        "address": "local",
        "include_dashboard": False,
        "num_cpus": usable_cpus(),
    }
    # Ray says at each start that a later version will treat CUDA_VISIBLE_DEVICES otherwise.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        with keep_sigterm():
            ray.init(
                runtime_env=runtime_env,
                log_to_driver=False,
                logging_level=logging.ERROR,
                configure_logging=True,
                **({} if address else own),
            )
    except (ConnectionError, RuntimeError, ValueError) as error:
        where = f"the Ray cluster at {address}" if address else "Ray on this machine"
        raise ResourceError(
            f"{where} cannot be reached: {error}. Check RAY_ADDRESS and, if the cluster asks for a token, "
            "RAY_AUTH_MODE=token; or unset RAY_ADDRESS to start Ray here."
        ) from error


@contextmanager
def keep_sigterm() -> Generator[None]:
    """Keep the program's handler of SIGTERM, which Ray replaces at each `init`."""
    handler = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, handler)


@contextmanager
def _environment(variables: dict[str, str]) -> Generator[None]:
    """Environment variables for the length of a block."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def cluster_nodes() -> list[Node]:
    """The living nodes, by id.

    Raises:
        ResourceError: There are none.
    """
    records = [record for record in ray.nodes() if record["Alive"]]
    memory = _gpu_memory_by_node([r["NodeID"] for r in records if r["Resources"].get("GPU")])
    nodes = [
        Node(
            node_id=record["NodeID"],
            cpus=float(record["Resources"].get("CPU", 0.0)),
            gpus=int(record["Resources"].get("GPU", 0)),
            gpu_memory_gb=memory.get(record["NodeID"], 0.0),
            is_head="node:__internal_head__" in record["Resources"],
        )
        for record in records
    ]
    if not nodes:
        raise ResourceError("the Ray cluster has no living node; check `ray status`.")
    return sorted(nodes, key=lambda node: (not node.is_head, node.node_id))


def planned_nodes() -> tuple[list[Node], str]:
    """The nodes that a run would have, and which ones these are in words; starts nothing.

    A cluster that RAY_ADDRESS names is asked; without one a run starts Ray on this machine.

    Raises:
        SettingsError: RAY_ADDRESS names a Ray Client server.
        ResourceError: The cluster cannot be reached, or has no living node.
    """
    if ray.is_initialized() or os.environ.get("RAY_ADDRESS", "local") not in ("", "local"):
        with ray_session():
            nodes = cluster_nodes()
        return nodes, f"{len(nodes)} {'node' if len(nodes) == 1 else 'nodes'} of a Ray cluster"
    gpus = num_gpus()
    memory = _gpu_memory_gb() if gpus else 0.0
    here = Node(
        node_id=HERE.node, cpus=usable_cpus(), gpus=gpus, gpu_memory_gb=memory, is_head=True
    )
    return [here], "a Ray of its own on this machine"


def num_gpus() -> int:
    """GPUs that Ray would find on this machine."""
    found = GpuManager.get_current_node_num_accelerators()
    visible = GpuManager.get_current_process_visible_accelerator_ids()
    return found if visible is None else min(found, len(visible))


def _gpu_memory_by_node(nodes: list[str]) -> dict[str, float]:
    """GB of memory per GPU by node. Each node is asked once; one that does not answer is left out."""
    remote: Any = ray.remote(num_cpus=0, max_retries=0)(_gpu_memory_gb)
    calls = {
        remote.options(
            scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)
        ).remote(): node
        for node in nodes
        if node not in _known_gpu_memory
    }
    ended, _ = (
        ray.wait(list(calls), num_returns=len(calls), timeout=_ANSWER_S) if calls else ([], [])
    )
    for call in ended:
        with suppress(RayError):
            _known_gpu_memory[calls[call]] = ray.get(call)
    return _known_gpu_memory


def _gpu_memory_gb() -> float:
    """Memory of this machine's smallest GPU in GB (10^9 bytes); 0 if it cannot be asked.

    The variable CURATOR_GPU_MEMORY_GB wins, for parts of GPUs that the driver does not tell apart.
    """
    with suppress(ValueError):
        return float(os.environ.get("CURATOR_GPU_MEMORY_GB", ""))
    with suppress(pynvml.NVMLError):
        pynvml.nvmlInit()
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        sizes = [int(pynvml.nvmlDeviceGetMemoryInfo(handle).total) for handle in handles]
        return min(sizes, default=0) / 1e9
    return 0.0


def _own_processes() -> dict[int, str]:
    """Ray's processes that this process has started, and their descendants, with the time of their start.

    Other children are the user's. Empty outside Linux, and in somebody else's cluster.
    """
    node: Any = ray_worker._global_node
    started = node.all_processes.values() if node is not None else ()
    return descendants([info.process.pid for infos in started for info in infos])


def descendants(pids: list[int]) -> dict[int, str]:
    """These processes and their descendants that run, with the time of their start; empty outside Linux."""
    todo, found = list(pids), dict[int, str]()
    while todo:
        pid = todo.pop()
        begun = _start_of(pid)
        if begun is None or pid in found:
            continue
        found[pid] = begun
        for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
            with suppress(OSError):
                todo += map(int, tasks.read_text(encoding="ascii").split())
    return found


def wait_for_end(processes: dict[int, str]) -> None:
    """Wait until these processes are gone, then kill them: `ray.shutdown` only tells them to go."""
    deadline = time.monotonic() + _EXIT_S
    while time.monotonic() < deadline:
        # Another process may have the number of one that has ended.
        processes = {pid: begun for pid, begun in processes.items() if _start_of(pid) == begun}
        if not processes:
            return
        time.sleep(0.05)
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _start_of(pid: int) -> str | None:
    """When a process began, in clock ticks since the machine's start; None if it has ended."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    state, *facts = text.rpartition(")")[2].split()
    return None if state == "Z" else facts[18]
