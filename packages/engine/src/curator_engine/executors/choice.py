"""Executors by the names that commands know them by; each is imported when it is asked for."""

import importlib
from dataclasses import asdict
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.executor import CommonOptions
from curator_engine.failures import FailurePolicy
from curator_engine.resources import usable_cpus

_HOMES = {
    "local": ("local", "LocalExecutor", "workers"),
    "ray_actor_pool": ("actor_pool", "RayActorPoolExecutor", "pool_size"),
    "ray_data": ("ray_data", "RayDataExecutor", ""),
    "xenna": ("xenna", "XennaExecutor", "max_workers_per_stage"),
}
"""Module, class and the option that bounds the workers."""


def make_executor(name: str, *, workers: int | None, policy: FailurePolicy) -> Any:
    """The executor of this name.

    Args:
        name: local, xenna, ray_data or ray_actor_pool.
        workers: Worker processes per stage; None for as many as there are CPUs.
        policy: What to do with failures.

    Raises:
        SettingsError: An unknown name, or an executor that chooses the number itself.
    """
    if name not in _HOMES:
        raise SettingsError(f"executor {name!r} is not one of {', '.join(_HOMES)}.")
    module, kind, bound = _HOMES[name]
    if workers and not bound:
        raise SettingsError(f"--workers cannot be set with --executor {name}; leave it out.")
    known = set(CommonOptions.__dataclass_fields__)
    config = {key: value for key, value in asdict(policy).items() if key in known}
    if name == "local":
        workers = workers or usable_cpus()
    if workers:
        config[bound] = workers
    home = importlib.import_module(f"curator_engine.executors.{module}")
    return getattr(home, kind)(config)
