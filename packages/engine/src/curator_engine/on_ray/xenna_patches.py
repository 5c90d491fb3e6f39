"""Values in Cosmos-Xenna's modules that are replaced for the length of a run."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import loguru
import ray
from cosmos_xenna.pipelines.private import monitoring
from cosmos_xenna.ray_utils import actor_pool, cluster
from ray._private import state as ray_state

type Patch = tuple[Any, str, Any]
"""A module, the name of a value in it, and its other value."""


@contextmanager
def quiet() -> Generator[None]:
    """Make Cosmos-Xenna silent but for warnings, and let it use our session.

    By itself it does four things that disturb a run. For a table that is not printed here, it
    lists all actors through the dashboard, which needs a limit that only a session's start can set;
    for the same table an actor on each node reads the process table and takes up to a second to
    end; it opens a session, which replaces the handler of SIGTERM; and when a stage is done, it
    waits for actors whose processes have not even started, to ask them to end.
    """
    patches: list[Patch] = [
        (monitoring, "get_ray_actors", _no_actors),
        (monitoring, "RayResourceMonitor", _NoMonitor),
        (cluster, "init_or_connect_to_cluster", _stay_connected),
        (actor_pool, "_attempt_graceful_shutdown", _end_if_begun),
    ]
    if not actor_pool._KILL_ACTOR_SURVIVORS:
        # For a line of its log, which is not shown.
        patches.append((actor_pool, "_get_actor_pid_tree", _no_processes))
    loguru.logger.disable("cosmos_xenna")
    try:
        with _patched(patches):
            yield
    finally:
        loguru.logger.enable("cosmos_xenna")


@contextmanager
def patience(deaths: int) -> Generator[None]:
    """Let this many actors die over a task; the recorder decides how many are too many."""
    patches: list[Patch] = [
        (actor_pool, "_MAX_ACTOR_DEATH_RETRIES", deaths),
        (actor_pool, "_MAX_CONSECUTIVE_WG_DEATHS", deaths + 1),
    ]
    with _patched(patches):
        yield


@contextmanager
def _patched(patches: list[Patch]) -> Generator[None]:
    """Replace values in Cosmos-Xenna's modules for the length of a block."""
    before = [getattr(module, name) for module, name, _ in patches]
    for module, name, value in patches:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(patches, before, strict=True):
            setattr(module, name, value)


_end_gracefully = actor_pool._attempt_graceful_shutdown


def _end_if_begun(actor: Any, label: str, grace_period_s: float) -> bool:
    """Take the place of Xenna's request to an actor to end, which it is killed after in any case."""
    facts: Any = ray_state.actors(actor_id=actor._actor_id.hex())
    return facts.get("State") == "ALIVE" and _end_gracefully(actor, label, grace_period_s)


def _no_processes(actor: Any) -> list[tuple[int, float | None]]:
    return []


def _no_actors(state: str = "ALIVE") -> list[Any]:
    return []


class _NoMonitor:
    """Takes the place of Xenna's monitor of nodes, and reports nothing."""

    def update(self) -> dict[str, Any]:
        return {}

    def stop(self) -> None:
        pass


def _stay_connected() -> None:
    """Take the place of Xenna's opening of a session: let its loggers be pickled, and open nothing."""
    ray.util.register_serializer(
        type(loguru.logger),
        serializer=cluster.logger_custom_serializer,
        deserializer=cluster.logger_custom_deserializer,
    )
