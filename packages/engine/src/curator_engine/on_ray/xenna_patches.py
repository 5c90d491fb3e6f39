"""What Cosmos-Xenna does otherwise in our session, for the length of a run."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import loguru
import ray
from cosmos_xenna.pipelines.private import monitoring
from cosmos_xenna.ray_utils import actor_pool, cluster

type Patch = tuple[Any, str, Any]
"""A module, the name of a value in it, and its other value."""


@contextmanager
def quiet() -> Generator[None]:
    """Cosmos-Xenna in our session: silent but for warnings, and content with what there is.

    For a table that is not printed it lists all actors through the dashboard, with a limit that a
    session must have been started with, and on each node an actor reads the process table, which
    takes up to a second to end; and it would open a session, which takes SIGTERM.
    """
    patches: list[Patch] = [
        (monitoring, "get_ray_actors", _no_actors),
        (monitoring, "RayResourceMonitor", _NoMonitor),
        (cluster, "init_or_connect_to_cluster", _stay_connected),
    ]
    loguru.logger.disable("cosmos_xenna")
    try:
        with _patched(patches):
            yield
    finally:
        loguru.logger.enable("cosmos_xenna")


@contextmanager
def patience(deaths: int) -> Generator[None]:
    """Let so many actors die over a task: how many are too many is the recorder's to say."""
    patches: list[Patch] = [
        (actor_pool, "_MAX_ACTOR_DEATH_RETRIES", deaths),
        (actor_pool, "_MAX_CONSECUTIVE_WG_DEATHS", deaths + 1),
    ]
    with _patched(patches):
        yield


@contextmanager
def _patched(patches: list[Patch]) -> Generator[None]:
    """Other values for names of Cosmos-Xenna's modules."""
    before = [getattr(module, name) for module, name, _ in patches]
    for module, name, value in patches:
        setattr(module, name, value)
    try:
        yield
    finally:
        for (module, name, _), value in zip(patches, before, strict=True):
            setattr(module, name, value)


def _no_actors(state: str = "ALIVE") -> list[Any]:
    return []


class _NoMonitor:
    """Knows nothing of any node."""

    def update(self) -> dict[str, Any]:
        return {}

    def stop(self) -> None:
        pass


def _stay_connected() -> None:
    """What Cosmos-Xenna does to a session beside opening it: its loggers may travel."""
    ray.util.register_serializer(
        type(loguru.logger),
        serializer=cluster.logger_custom_serializer,
        deserializer=cluster.logger_custom_deserializer,
    )
