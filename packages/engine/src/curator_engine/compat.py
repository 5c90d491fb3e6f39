"""Scripts that import `nemo_curator` run on this engine: `python -m curator_engine.compat script.py`.

Importing this module installs a finder for those names; each is the same object as ours, looked up
when it is used. A package `nemo_curator` that is really installed is left alone. Only names here:
what has no counterpart in the engine is said, not imitated.
"""

import logging
import runpy
import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import cache, partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from curator_engine.compat_models import OF_MODELS
from curator_engine.entry_points import Home, find_names, same

_ROOT = "nemo_curator"
_SELF = "curator_engine.compat"
"""This module's name, also where it runs as a program."""

_log = logging.getLogger(_SELF)

INSTALLED = False
"""Whether `nemo_curator` means this engine in this process."""


class RayStageSpecKeys(StrEnum):
    """Keys of `ray_stage_spec()`; the plain strings do as well."""

    IS_ACTOR_STAGE = "is_actor_stage"
    IS_FANOUT_STAGE = "is_fanout_stage"
    IS_RAFT_ACTOR = "is_raft_actor"
    IS_LSH_STAGE = "is_lsh_stage"
    IS_SHUFFLE_STAGE = "is_shuffle_stage"
    MAX_CALLS_PER_WORKER = "max_calls_per_worker"
    MIN_WORKERS = "min_workers"
    MAX_WORKERS = "max_workers"
    INITIAL_WORKERS = "initial_workers"
    RAY_REMOTE_ARGS = "ray_remote_args"
    RAY_NUM_CPUS = "ray_num_cpus"


_TASK = same("curator_engine.task", "Task")
_EMPTY = same("curator_engine.task", "EmptyTask") | {
    "_EmptyTask": ("curator_engine.task", "EmptyTask")
}
_SENTINELS = same("curator_engine.sentinels", "FailedTask", "NoneTask", "SentinelTask")
_FILES = same("curator_engine.task", "FileGroupTask")
_XENNA = same("curator_engine.executors.xenna", "XennaExecutor")
_RAY_DATA = same("curator_engine.executors.ray_data", "RayDataExecutor")
_ACTOR_POOL = same("curator_engine.executors.actor_pool", "RayActorPoolExecutor")
_ACTORS = same("curator_engine.on_ray.nodes", "calculate_optimal_actors_for_stage")
_PLACES = same("curator_engine.resources", "NodeInfo", "WorkerMetadata")
_SLURM = "curator_engine.running.slurm_array"
_SLURM_VARIABLES = same(
    _SLURM,
    "SLURM_ARRAY_ENABLED_ENV_VAR",
    "SLURM_ARRAY_MINIMUM_SHARD_INDEX_ENV_VAR",
    "SLURM_ARRAY_SHARD_INDEX_ENV_VAR",
    "SLURM_ARRAY_TOTAL_SHARDS_ENV_VAR",
)
_SPEC_KEYS = same(_SELF, "RayStageSpecKeys")
_PIPELINE = same("curator_engine.pipeline", "Pipeline")
_SEMANTIC = same("curator_engine.pipelines.semantic_dedup", "SemanticDeduplicationWorkflow")
_KMEANS = same("curator_engine.vectors.kmeans", "KMeansStage")
_PAIRWISE = same("curator_engine.vectors.pairwise", "PairwiseStage")
_COMPARE = {
    "PairwiseCosineSimilarityStage": ("curator_engine.vectors.cluster_steps", "CompareClusters")
}
_CLUSTERS = same("curator_engine.vectors.cluster_steps", "ClusterWiseFilePartitioningStage")
_IDENTIFY = same("curator_engine.vectors.pairwise", "IdentifyDuplicatesStage")
_SHUFFLE = {"ShuffleStage": ("curator_engine.stages.file_shuffle", "ShuffleFiles")}
_RANKING = same("curator_engine.vectors.ranking", "RankingStrategy")

_IDS = same(
    "curator_engine.stages.id_generator",
    "CURATOR_DEDUP_ID_STR",
    "CURATOR_ID_GENERATOR_ACTOR_NAME",
    "IdGenerator",
    "IdGeneratorBase",
    "create_id_generator_actor",
    "get_id_generator_actor",
    "kill_id_generator_actor",
    "write_id_generator_to_disk",
)

OFFERS: dict[str, dict[str, Home]] = {
    **OF_MODELS,
    "nemo_curator.backends.base": {
        **same("curator_engine.executor", "BaseExecutor"),
        **same("curator_engine.executors.adapter", "BaseStageAdapter"),
        **_PLACES,
        **_SLURM_VARIABLES,
    },
    "nemo_curator.backends.experimental": _RAY_DATA | _ACTOR_POOL,
    "nemo_curator.backends.experimental.ray_actor_pool": _ACTOR_POOL,
    "nemo_curator.backends.experimental.ray_actor_pool.executor": _ACTOR_POOL,
    "nemo_curator.backends.experimental.ray_actor_pool.utils": _ACTORS,
    "nemo_curator.backends.experimental.ray_data": _RAY_DATA,
    "nemo_curator.backends.experimental.ray_data.executor": _RAY_DATA,
    "nemo_curator.backends.experimental.utils": _SPEC_KEYS,
    "nemo_curator.backends.ray_actor_pool": _ACTOR_POOL,
    "nemo_curator.backends.ray_actor_pool.executor": _ACTOR_POOL,
    "nemo_curator.backends.ray_data": _RAY_DATA,
    "nemo_curator.backends.ray_data.executor": _RAY_DATA,
    "nemo_curator.backends.ray_actor_pool.utils": _ACTORS,
    "nemo_curator.backends.slurm_array": _SLURM_VARIABLES
    | same(
        _SLURM,
        "SlurmArrayConfig",
        "SlurmArrayRetryPlan",
        "SlurmArrayRetrySubmission",
        "build_slurm_array_retry_submissions",
        "configure_slurm_array_source_filtering",
        "find_slurm_array_retries",
    )
    | same("curator_engine.running.shard_runs", "format_slurm_array_indices"),
    "nemo_curator.backends.utils": _SPEC_KEYS | _PLACES | _ACTORS,
    "nemo_curator.backends.xenna": _XENNA,
    "nemo_curator.backends.xenna.executor": _XENNA,
    "nemo_curator.core.client": {
        **same("curator_engine.on_ray.ray_client", "RayClient"),
        **same("curator_engine.on_ray.slurm_client", "SlurmRayClient"),
    },
    "nemo_curator.pipeline": _PIPELINE,
    "nemo_curator.pipeline.pipeline": _PIPELINE,
    "nemo_curator.pipeline.workflow": same(
        "curator_engine.workflow", "WorkflowBase", "WorkflowRunResult"
    ),
    "nemo_curator.stages.base": same(
        "curator_engine.stage", "CompositeStage", "ProcessingStage", "get_stage_class"
    ),
    "nemo_curator.stages.deduplication.id_generator": _IDS,
    "nemo_curator.stages.deduplication.semantic": (
        _SEMANTIC | _RANKING | _KMEANS | _PAIRWISE | _IDENTIFY
    ),
    "nemo_curator.stages.deduplication.semantic.identify_duplicates": _IDENTIFY,
    "nemo_curator.stages.deduplication.semantic.kmeans": _KMEANS,
    "nemo_curator.stages.deduplication.semantic.pairwise": _PAIRWISE | _COMPARE,
    "nemo_curator.stages.deduplication.semantic.pairwise_io": _CLUSTERS,
    "nemo_curator.stages.deduplication.semantic.ranking": _RANKING,
    "nemo_curator.stages.deduplication.semantic.workflow": _SEMANTIC,
    "nemo_curator.stages.client_partitioning": same(
        "curator_engine.stages.file_groups", "ClientPartitioningStage"
    ),
    "nemo_curator.stages.deduplication.shuffle_utils": _SHUFFLE,
    "nemo_curator.stages.deduplication.shuffle_utils.stage": _SHUFFLE,
    "nemo_curator.stages.file_partitioning": same(
        "curator_engine.stages.file_groups", "FilePartitioningStage"
    ),
    "nemo_curator.stages.function_decorators": same(
        "curator_engine.function_stage", "processing_stage"
    ),
    "nemo_curator.stages.resources": same("curator_engine.resources", "Resources"),
    "nemo_curator.tasks": _TASK | _EMPTY | _SENTINELS | _FILES,
    "nemo_curator.tasks.file_group": _FILES,
    "nemo_curator.tasks.sentinels": _EMPTY | _SENTINELS,
    "nemo_curator.tasks.tasks": _TASK | _EMPTY,
    "nemo_curator.utils.file_utils": {
        **same(
            "curator_engine.files.paths_under",
            "FILETYPE_TO_DEFAULT_EXTENSIONS",
            "check_disallowed_kwargs",
            "create_or_overwrite_dir",
            "delete_dir",
            "filter_files_by_extension",
            "get_all_file_paths_and_size_under",
            "get_all_file_paths_under",
            "get_fs",
            "infer_protocol_from_paths",
            "is_not_empty",
        ),
        "infer_dataset_name_from_path": ("curator_engine.stages.file_groups", "dataset_name_of"),
        "parse_bytes_string_to_int": ("curator_engine.stages.files", "parse_size"),
    },
    "nemo_curator.utils.performance_utils": {
        **same("curator_engine.perf", "StagePerfStats"),
        **same("curator_engine.executors.adapter", "StageTimer"),
    },
}
"""What each module of NeMo Curator offers on the engine alone; apps add their names, see `offers`."""


@cache
def offers() -> dict[str, dict[str, Home]]:
    """`OFFERS` and what installed apps add to it by the entry point `curator.compat`."""
    merged = {path: dict(names) for path, names in OFFERS.items()}
    for more in find_names():
        for path, names in more.items():
            merged[path] = {**names, **merged.get(path, {})}
    return merged


@cache
def _modules() -> frozenset[str]:
    """The modules of `offers` and those above them."""
    parts = [path.split(".") for path in offers()]
    return frozenset(".".join(path[:n]) for path in parts for n in range(1, len(path) + 1))


def install() -> None:
    """Let `import nemo_curator` mean this engine in this process; a second call does nothing.

    Importing this module calls it. A worker does so before it unpickles what was sent to it, as
    the user's modules that it then imports may import `nemo_curator`.
    """
    global INSTALLED
    if INSTALLED:
        return
    spec = find_spec(_ROOT)
    # A bare folder of that name, without an origin, is a checkout's or a cache's, not the package.
    if spec is not None and spec.origin is not None:
        _log.warning(
            "%s is installed at %s and stays what it is; uninstall it to run scripts on curator_engine.",
            _ROOT,
            spec.origin,
        )
        return
    sys.meta_path.insert(0, _Finder())
    INSTALLED = True  # pyright: ignore[reportConstantRedefinition] (a fact that others read)


class _Finder(MetaPathFinder, Loader):
    """Makes the modules of `offers`."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The spec of a module of `nemo_curator`.

        Raises:
            ImportError: It is not offered.
        """
        if fullname.partition(".")[0] != _ROOT:
            return None
        if fullname not in _modules():
            # ModuleNotFoundError would be swallowed in `from module import name`, and its line lost.
            raise ImportError(_not_offered(fullname), name=fullname)
        # Packages, all of them: only from a package does `from module import name` ask this finder.
        return ModuleSpec(fullname, self, origin=_SELF, is_package=True)

    def exec_module(self, module: ModuleType) -> None:
        """Let the module look its names up when they are used (PEP 562)."""
        names = _names(module.__name__)
        vars(module).update(
            __getattr__=partial(_look_up, module.__name__),
            __dir__=lambda: names,
            __all__=list(offers().get(module.__name__, {})),
        )


def _look_up(path: str, name: str) -> Any:
    """What a module of `nemo_curator` offers under a name.

    Raises:
        AttributeError: It is not offered.
        ImportError: It is in an app that is not installed.
    """
    if f"{path}.{name}" in _modules():
        return import_module(f"{path}.{name}")
    if name not in offers().get(path, {}):
        raise AttributeError(_not_offered(f"{path}.{name}"))
    home, ours = offers()[path][name]
    package = home.partition(".")[0]
    try:
        return getattr(import_module(home), ours)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        missing = package.replace("_", "-")
        raise ImportError(f"{path}.{name} is in {missing}; install {missing}.") from error


def _names(path: str) -> list[str]:
    """Public names and submodules of a module, sorted."""
    modules = {
        each[len(path) + 1 :].partition(".")[0]
        for each in _modules()
        if each.startswith(f"{path}.")
    }
    return sorted({name for name in offers().get(path, {}) if not name.startswith("_")} | modules)


def _not_offered(fullname: str) -> str:
    path, _, name = fullname.rpartition(".")
    line = f"{path} does not offer {name} on curator_engine; there are {', '.join(_names(path))}."
    if not path.startswith((f"{_ROOT}.stages", f"{_ROOT}.tasks")):
        return line
    homes = {home.partition(".")[0] for names in offers().values() for home, _ in names.values()}
    apps = sorted(home.replace("_", "-") for home in homes if not home.startswith("curator_engine"))
    return f"{line} Apps add theirs where they are installed: {', '.join(apps) or 'none is'}."


def run_script(words: list[str]) -> None:
    """Run a script as `python script.py arguments` would, with the finder installed.

    Args:
        words: The script's path and its arguments; or `-m`, a module's name and its arguments.

    Raises:
        SystemExit: There is no such script (2), or the script ends itself.
    """
    if words[:1] == ["-m"] and len(words) > 1:
        _run_module(words[1:])
        return
    if not words or not Path(words[0]).exists():
        problem = f"there is no script {words[0]}" if words else "name a script"
        _log.error("%s; usage: python -m %s script.py [arguments]", problem, _SELF)
        raise SystemExit(2)
    sys.argv[:] = words
    if not sys.flags.safe_path:
        sys.path[0] = str(Path(words[0]).resolve().parent)
    # As a program this module is `__main__`, which becomes the script; others know it by its name.
    import_module(_SELF)
    runpy.run_path(words[0], run_name="__main__")


def _run_module(words: list[str]) -> None:
    """Run a module as `python -m` would; one of NeMo Curator's by its `main`.

    Raises:
        SystemExit: The module ends itself, or has no `main` (2).
    """
    import_module(_SELF)
    sys.argv[:] = words
    if words[0].partition(".")[0] != _ROOT:
        runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        return
    try:
        run = import_module(words[0]).main
    except (ImportError, AttributeError) as error:
        _log.error("%s", error)
        raise SystemExit(2) from error
    raise SystemExit(run())


if __name__ == "__main__":
    run_script(sys.argv[1:])
else:
    install()
