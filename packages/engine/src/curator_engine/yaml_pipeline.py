"""Pipelines and workflows from NeMo Curator's YAML: lists of `_target_` with parameters, without Hydra.

    python -m curator_engine.compat -m nemo_curator.config.run --config-path . --config-name mine input_path=in

A file that somebody sent is not trusted: only stages, workflows and their settings are made, only of
`nemo_curator`'s names and our own packages, and nothing is called. Recipes and job files of our own are
`files/yaml_file.py`'s readers' (docs/decisions/0002).
"""

import argparse
import logging
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from curator_engine.errors import CuratorError, SettingsError
from curator_engine.files.yaml_file import read_mapping
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources
from curator_engine.workflow import WorkflowBase

import_module("curator_engine.compat")
"""So that names of `nemo_curator` are those of ours."""
_OURS = ("curator_engine", "curator_text", "curator_video", "curator_image", "curator_audio")
_KINDS = frozenset(
    {"ProcessingStage", "WorkflowBase", "BaseExecutor", "Resources", "RayClient"}
    | {"DocumentFilter", "DocumentModifier", "RankingStrategy"}
    | {"LLMClient", "AsyncLLMClient", "GenerationConfig"}
)
"""Classes of which, and of whose subclasses, objects are made."""
_EXECUTORS = {
    "xenna": ("curator_engine.executors.xenna", "XennaExecutor"),
    "ray_data": ("curator_engine.executors.ray_data", "RayDataExecutor"),
    "ray_actor_pool": ("curator_engine.executors.actor_pool", "RayActorPoolExecutor"),
    "local": ("curator_engine.executors.local", "LocalExecutor"),
}
_FILES = "nemo_curator.stages.text.io"
_SHORT = {
    ("input_file_type", "jsonl"): f"{_FILES}.reader.JsonlReader",
    ("input_file_type", "parquet"): f"{_FILES}.reader.ParquetReader",
    ("output_file_type", "jsonl"): f"{_FILES}.writer.JsonlWriter",
    ("output_file_type", "parquet"): f"{_FILES}.writer.ParquetWriter",
}
"""Stages that its older files name by what they read or write."""
_REFERENCE = re.compile(r"\$\{([^{}]*)\}")
_DEEP = 32
"""References in each other at most."""
_log = logging.getLogger(__name__)

type Config = Mapping[str, Any]


def read_config(path: str, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """A YAML file with its references `${key}` replaced by values.

    Args:
        path: The file.
        overrides: `key=value`, the value as YAML; `key.below=value` for a value in a mapping.

    Raises:
        SettingsError: It cannot be read, a value is missing (`???`), or a reference leads nowhere.
    """
    try:
        read_mapping(path)
        config = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, RecursionError) as error:
        why = getattr(error, "problem", None) or "nested too deeply, or a tag that is not known"
        raise SettingsError(f"{path} is not plain YAML: {why}.") from error
    for each in overrides:
        _override(config, each)
    # What Hydra itself would heed.
    known = {k: v for k, v in config.items() if k not in ("defaults", "hydra", "documentation")}
    return {key: _resolved(value, known, key) for key, value in known.items()}


def create_pipeline_from_yaml(cfg: Config, *, log_config: bool = True) -> Pipeline | WorkflowBase:
    """The pipeline of `stages`, or the one workflow of `workflow`.

    Args:
        cfg: As `read_config` gives it.
        log_config: Log the configuration, without what may be a secret.

    Raises:
        SettingsError: There is neither, or both, or one of their parts cannot be made.
    """
    if log_config:
        _log.info("configuration: %s", ", ".join(cfg))
    stages, workflow = cfg.get("stages"), cfg.get("workflow")
    if (stages is None) == (workflow is None):
        raise SettingsError("the configuration needs stages or workflow, one of the two.")
    if workflow is not None:
        if not isinstance(workflow, list) or len(workflow) != 1:
            raise SettingsError("workflow is a list of one; name one workflow.")
        made = _made(workflow[0], "workflow[0]")
        if not isinstance(made, WorkflowBase):
            raise SettingsError(f"workflow[0] is a {type(made).__name__}, which is no workflow.")
        return made
    if not isinstance(stages, list):
        raise SettingsError("stages is a list; write each stage behind a dash.")
    pipeline = Pipeline("yaml_pipeline", "From a YAML file")
    for i, each in enumerate(stages):
        pipeline.add_stage(_stage(each, f"stages[{i}]"))
    return pipeline


def create_executor_from_yaml(cfg: Config) -> Any:
    """The executor of `backend`, with `executor_config`; None if neither is given.

    Raises:
        SettingsError: It is unknown, or its options are.
    """
    options = dict(cfg.get("executor_config") or {})
    if not options and not {"backend", "execution_mode"} & set(cfg):
        return None
    name = str(cfg.get("backend", "xenna"))
    if name not in _EXECUTORS:
        raise SettingsError(f"backend={name!r} is not one of {', '.join(_EXECUTORS)}.")
    if name == "xenna" and "execution_mode" in cfg:
        options.setdefault("execution_mode", cfg["execution_mode"])
    module, cls = _EXECUTORS[name]
    return getattr(import_module(module), cls)(options)


def create_ray_client_from_yaml(cfg: Config) -> Any:
    """The client of `ray_client`, or one with its defaults.

    Raises:
        SettingsError: It cannot be made.
    """
    target = "nemo_curator.core.client.RayClient"
    return _made({"_target_": target, **(cfg.get("ray_client") or {})}, "ray_client")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a configuration; a client is started only if the file has one.

    Args:
        argv: The arguments; those of the process unless given.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="nemo_curator.config.run", allow_abbrev=False)
    parser.add_argument("--config-path", "--config-dir", default=".")
    parser.add_argument("--config-name", required=True)
    parser.add_argument("overrides", nargs="*", metavar="key=value")
    given = parser.parse_args(argv)
    name = given.config_name
    path = str(
        Path(given.config_path, name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
    )
    try:
        config = read_config(path, given.overrides)
        made, executor = create_pipeline_from_yaml(config), create_executor_from_yaml(config)
        client = create_ray_client_from_yaml(config) if "ray_client" in config else nullcontext()
        with client:
            made.run(executor=executor)
    except CuratorError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    if isinstance(made, Pipeline) and made.last_run:
        sys.stdout.write(f"{made.last_run.table()}\n")
    return 0


def _override(config: dict[str, Any], text: str) -> None:
    key, is_one, value = text.lstrip("+").partition("=")
    if not is_one or not key:
        raise SettingsError(f"{text!r} is not key=value.")
    *above, last = key.split(".")
    place: Any = config
    for name in above:
        place = place.setdefault(name, {}) if isinstance(place, dict) else None
    if not isinstance(place, dict):
        raise SettingsError(f"{key} is not a key of the file; only mappings can be gone into.")
    try:
        place[last] = yaml.safe_load(value)
    except (yaml.YAMLError, RecursionError) as error:
        raise SettingsError(f"the value of {key} is not YAML.") from error


def _resolved(value: Any, config: Config, key: str, deep: int = 0) -> Any:
    """A value with its references replaced."""
    if deep > _DEEP:
        raise SettingsError(f"{key}: references go in a circle, or too deep.")
    if isinstance(value, dict):
        return {k: _resolved(v, config, f"{key}.{k}", deep) for k, v in value.items()}
    if isinstance(value, list):
        return [_resolved(v, config, f"{key}[{i}]", deep) for i, v in enumerate(value)]
    if value == "???":
        raise SettingsError(f"{key} has no value; give {key}=VALUE.")
    if not isinstance(value, str) or "${" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _resolved(_looked_up(whole[1], config, key), config, whole[1], deep + 1)

    def text(match: re.Match[str]) -> str:
        found = _resolved(_looked_up(match[1], config, key), config, match[1], deep + 1)
        if isinstance(found, dict | list):
            raise SettingsError(f"{key}: {match[0]} is no single value.")
        return str(found)

    return _REFERENCE.sub(text, value)


def _looked_up(name: str, config: Config, key: str) -> Any:
    """The value of `a.b` in the file; nothing else is looked up, such as the environment."""
    place: Any = config
    for part in name.split("."):
        if not isinstance(place, dict) or part not in place:
            raise SettingsError(f"{key}: ${{{name}}} is no key of the file; write the value out.")
        place = place[part]
    return place


def _stage(given: Any, where: str) -> Any:
    """A stage, with resources that stand beside its parameters."""
    if not isinstance(given, dict):
        raise SettingsError(f"{where} is no mapping with _target_.")
    params = dict(given)
    for (key, kind), target in _SHORT.items():
        if params.get(key) == kind:
            del params[key]
            params = {"_target_": target, **params}
            break
    resources = params.pop("resources", None)
    # Reports have them always.
    params.pop("extended_performance_metrics", None)
    stage = _made(params, where)
    if not resources:
        return stage
    if not isinstance(resources, dict):
        raise SettingsError(f"{where}.resources is no mapping; write it as resources: {{cpus: 2}}.")
    has_target = "_target_" in resources
    made = _made(resources, where) if has_target else _call(Resources, resources, where)
    return stage.with_(resources=made)


def _made(value: Any, where: str) -> Any:
    """The value, mappings with `_target_` as objects."""
    if isinstance(value, list):
        return [_made(each, f"{where}[{i}]") for i, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    made = {k: _made(v, f"{where}.{k}") for k, v in value.items() if k != "_target_"}
    if "_target_" not in value:
        return made
    made.pop("_convert_", None)
    if odd := [
        k for k in made if not isinstance(k, str) or (k.startswith("_") and k.endswith("_"))
    ]:
        raise SettingsError(f"{where}: {odd[0]} is Hydra's and not offered; leave it out.")
    return _call(_class(value["_target_"], where), made, where)


def _call(cls: Any, params: Mapping[str, Any], where: str) -> Any:
    try:
        return cls(**params)
    except TypeError as error:
        raise SettingsError(f"{where}: {cls.__name__}: {' '.join(str(error).split())}.") from error


def _class(target: Any, where: str) -> type:
    """The class that may be made of a target.

    Raises:
        SettingsError: It is none of ours, or not one of which objects are made.
    """
    if not isinstance(target, str) or not re.fullmatch(
        r"[a-z]\w*(\.[A-Za-z]\w*)+", target, re.ASCII
    ):
        raise SettingsError(f"{where}: {target!r} is not the name of a class.")
    module, _, name = target.rpartition(".")
    if target.partition(".")[0] not in ("nemo_curator", *_OURS):
        raise SettingsError(
            f"{where}: {target} is in neither nemo_curator nor a package of ours, so it is not made."
        )
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise SettingsError(f"{where}: {' '.join(str(error).split())}") from error
    if not isinstance(found, type) or not _is_made(found.__mro__):
        raise SettingsError(f"{where}: {target} is no stage, filter, workflow or setting of one.")
    return found


def _is_made(classes: Iterable[type]) -> bool:
    """Whether a class of ours is among those of which objects are made."""
    first, *_ = bases = list(classes)
    is_ours = first.__module__.partition(".")[0] in _OURS
    return is_ours and any(each.__name__ in _KINDS for each in bases)
