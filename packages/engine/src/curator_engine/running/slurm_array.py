"""A script of NeMo Curator in a Slurm array job: each task of the array takes its part of the source tasks.

Our commands have `--shard` and `merge` instead, which cut the list of files by bytes and join the results;
see docs/slurm.md. What is here has NeMo Curator's names, variables and files, so that its scripts and those
that submit what is missing again run.
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Self

from curator_engine.errors import InputError, PipelineError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_names, read_bytes, write_atomic
from curator_engine.positional import positional
from curator_engine.running.run_report import RunReport
from curator_engine.stage import AnyStage
from curator_engine.task import Task

SLURM_ARRAY_ENABLED_ENV_VAR = "NEMO_CURATOR_SLURM_ARRAY_ENABLED"
SLURM_ARRAY_SHARD_INDEX_ENV_VAR = "NEMO_CURATOR_SLURM_ARRAY_SHARD_INDEX"
SLURM_ARRAY_TOTAL_SHARDS_ENV_VAR = "NEMO_CURATOR_SLURM_ARRAY_TOTAL_SHARDS"
SLURM_ARRAY_MINIMUM_SHARD_INDEX_ENV_VAR = "NEMO_CURATOR_SLURM_ARRAY_MINIMUM_SHARD_INDEX"

_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}
_DONE = ".nemo_curator_metadata/.slurm_array_completion"
"""Below the checkpoint: which shards are done."""
_WHOLE = "run.json"
_MANIFEST = re.compile(r"shard-(\d+)\.json")


@positional("shard_index", "total_shards", "minimum_shard_index")
@dataclass(frozen=True, kw_only=True)
class SlurmArrayConfig:
    """Which part of the source tasks one task of an array takes.

    Example:
        >>> SlurmArrayConfig(3, 16).takes("0_corpus.jsonl")
        False
    """

    shard_index: int
    """From `minimum_shard_index`."""
    total_shards: int
    minimum_shard_index: int = 0
    """The number of the first shard, where an array does not begin at 0."""

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """The part that the variables name: NeMo Curator's, else Slurm's; None if they name none.

        Raises:
            PipelineError: They contradict each other, or one is missing or no number.
        """
        asked = environment.get(SLURM_ARRAY_ENABLED_ENV_VAR)
        enabled = (asked or "1").strip().lower()
        if enabled not in _YES | _NO:
            raise PipelineError(
                f"{SLURM_ARRAY_ENABLED_ENV_VAR} is {asked!r}; set it to 1 or 0, or unset it."
            )
        pairs = (
            (SLURM_ARRAY_SHARD_INDEX_ENV_VAR, "SLURM_ARRAY_TASK_ID"),
            (SLURM_ARRAY_TOTAL_SHARDS_ENV_VAR, "SLURM_ARRAY_TASK_COUNT"),
        )
        is_there = any(name in environment for pair in pairs for name in pair)
        if enabled in _NO or (asked is None and not is_there):
            return None
        index, total = (_number(environment, *pair) for pair in pairs)
        least = _number(
            {SLURM_ARRAY_MINIMUM_SHARD_INDEX_ENV_VAR: "0", **environment},
            SLURM_ARRAY_MINIMUM_SHARD_INDEX_ENV_VAR,
        )
        if total < 1 or not 0 <= least <= index < least + total:
            raise PipelineError(
                f"shard {index} is none of {total} that are numbered from {least}; for an array that does not "
                f"begin at 0, set {SLURM_ARRAY_MINIMUM_SHARD_INDEX_ENV_VAR} to its first number."
            )
        return cls(shard_index=index, total_shards=total, minimum_shard_index=least)

    def takes(self, task_id: str) -> bool:
        """Whether a source task is this shard's: by its id alone, which is the same in every task of the array."""
        digest = hashlib.sha256(task_id.encode()).hexdigest()
        return (
            int(digest[:16], 16) % self.total_shards == self.shard_index - self.minimum_shard_index
        )

    def part_of(self, tasks: Sequence[Task[Any]], notes: list[str]) -> list[Task[Any]]:
        """The tasks that are this shard's; how many is said in a note."""
        mine = [task for task in tasks if self.takes(task.task_id)]
        notes.append(
            f"shard {self.shard_index} of a Slurm array of {self.total_shards}: {len(mine)} of "
            f"{len(tasks)} source tasks are its part"
        )
        return mine

    def folder_in(self, path: str) -> str:
        """The folder of this shard alone, in a checkpoint or a run's folder that all shards are given."""
        return join(path, f"shard-{self.shard_index:05d}")

    def begin(self, path: str) -> None:
        """Write down how many shards the run has, for `find_slurm_array_retries`.

        Args:
            path: The checkpoint that all shards are given.

        Raises:
            InputError: It is of a run that was cut otherwise.
        """
        whole = {"minimum_shard_index": self.minimum_shard_index, "total_shards": self.total_shards}
        there = _read(join(path, _DONE, _WHOLE))
        if there is None:
            _write(join(path, _DONE, _WHOLE), whole)
        elif there != whole:
            raise InputError(
                f"{path} is the checkpoint of a run of {there.get('total_shards')} shards that are numbered from "
                f"{there.get('minimum_shard_index')}; use another checkpoint_path for this one."
            )

    def end(self, path: str) -> None:
        """Write down that this shard is done."""
        _write(join(path, _DONE, f"shard-{self.shard_index:05d}.json"), asdict(self))


@positional("shard_indices", "total_shards", "minimum_shard_index")
@dataclass(frozen=True, kw_only=True)
class SlurmArrayRetryPlan:
    """The shards of a run that are not done."""

    shard_indices: tuple[int, ...]
    total_shards: int
    minimum_shard_index: int


@positional("array_indices", "shard_index_offset")
@dataclass(frozen=True, kw_only=True)
class SlurmArrayRetrySubmission:
    """One array to submit: its numbers, and what is added to them to get those of the shards."""

    array_indices: tuple[int, ...]
    shard_index_offset: int


def of_this_process() -> SlurmArrayConfig | None:
    """The part that pipelines of this process take; None for everything.

    Slurm's own variables count for scripts of NeMo Curator only: our commands cut their input by `--shard`.
    """
    is_compat = bool(getattr(sys.modules.get("curator_engine.compat"), "INSTALLED", False))
    return (
        SlurmArrayConfig.from_env()
        if is_compat or SLURM_ARRAY_ENABLED_ENV_VAR in os.environ
        else None
    )


def refuse_array() -> None:
    """Make sure that pipelines of this process take their whole input.

    Raises:
        PipelineError: They take a part of it.
    """
    if of_this_process():
        raise PipelineError(
            "this is one task of a Slurm array, and what looks at its whole input, as a workflow, or moves its tasks "
            f"itself cannot take a part of it; run it in a job that is no array, or with {SLURM_ARRAY_ENABLED_ENV_VAR}=0."
        )


@contextmanager
def part_of_array(
    checkpoint: str | None, run_dir: str | None, stages: Sequence[AnyStage], report: RunReport
) -> Generator[tuple[SlurmArrayConfig | None, str | None, str | None]]:
    """Around a run: which part it takes, and its own folders; where all of it went well, it is noted as done.

    Raises:
        PipelineError: The variables contradict each other, or a stage cannot share its folder.
        InputError: The checkpoint is of a run that was cut otherwise.
    """
    array = of_this_process()
    if array is None:
        yield None, checkpoint, run_dir
        return
    for stage in stages:
        mode: str = getattr(stage, "mode", "")
        if mode in ("overwrite", "error"):
            raise PipelineError(
                f"{stage.name}: mode={mode!r} is about all that lies in the folder, which the tasks of a Slurm "
                "array share; write with mode='ignore' into a new folder."
            )
    if checkpoint:
        array.begin(checkpoint)
    yield (
        array,
        array.folder_in(checkpoint) if checkpoint else None,
        array.folder_in(run_dir) if run_dir else None,
    )
    if checkpoint and not report.failed:
        array.end(checkpoint)


def configure_slurm_array_source_filtering(
    shard_index: int, total_shards: int, minimum_shard_index: int
) -> None:
    """Let the pipelines of this process take one part of their source tasks.

    Args:
        shard_index: Which part, from `minimum_shard_index`.
        total_shards: How many there are.
        minimum_shard_index: The number of the first.
    """
    os.environ[SLURM_ARRAY_ENABLED_ENV_VAR] = "1"
    os.environ[SLURM_ARRAY_SHARD_INDEX_ENV_VAR] = str(shard_index)
    os.environ[SLURM_ARRAY_TOTAL_SHARDS_ENV_VAR] = str(total_shards)
    os.environ[SLURM_ARRAY_MINIMUM_SHARD_INDEX_ENV_VAR] = str(minimum_shard_index)


def find_slurm_array_retries(checkpoint_path: str | os.PathLike[str]) -> SlurmArrayRetryPlan | None:
    """The shards that have no manifest that says they are done; None if no array has run with this checkpoint.

    Raises:
        InputError: A file there is damaged.
    """
    folder = join(os.fspath(checkpoint_path), _DONE)
    whole = _read(join(folder, _WHOLE))
    if whole is None:
        return None
    least, total = int(whole["minimum_shard_index"]), int(whole["total_shards"])
    done = {int(found[1]) for name in list_names(folder) if (found := _MANIFEST.fullmatch(name))}
    missing = tuple(index for index in range(least, least + total) if index not in done)
    return SlurmArrayRetryPlan(shard_indices=missing, total_shards=total, minimum_shard_index=least)


def build_slurm_array_retry_submissions(
    retry_plan: SlurmArrayRetryPlan, max_array_size: int | None = None
) -> tuple[SlurmArrayRetrySubmission, ...]:
    """The arrays that run the missing shards.

    Args:
        retry_plan: What is missing.
        max_array_size: The numbers of an array lie below it, as Slurm's MaxArraySize asks; None: any.

    Raises:
        ValueError: `max_array_size` is less than 1.
    """
    if max_array_size is not None and max_array_size < 1:
        raise ValueError(f"max_array_size={max_array_size} must be at least 1.")
    by_offset: dict[int, list[int]] = {}
    for index in retry_plan.shard_indices:
        offset = index // max_array_size * max_array_size if max_array_size else 0
        by_offset.setdefault(offset, []).append(index - offset)
    return tuple(
        SlurmArrayRetrySubmission(array_indices=tuple(indices), shard_index_offset=offset)
        for offset, indices in sorted(by_offset.items())
    )


def _number(environment: Mapping[str, str], *names: str) -> int:
    """The number that the first of these variables that is set has."""
    found = next(((name, environment[name]) for name in names if name in environment), None)
    if found is None or not found[1].strip().isdecimal():
        raise PipelineError(
            f"this is to be a task of a Slurm array, and {found[0] if found else ' and '.join(names)} is "
            f"{repr(found[1]) if found else 'not set'}; set it to a number, or {SLURM_ARRAY_ENABLED_ENV_VAR}=0."
        )
    return int(found[1])


def _read(path: str) -> dict[str, Any] | None:
    if not exists(path):
        return None
    try:
        found = json.loads(read_bytes(path))
        if set(found) == {"minimum_shard_index", "total_shards"}:
            return found
    except (ValueError, TypeError):
        pass
    raise InputError(
        f"{path} is damaged; remove it if no task of the array runs, and submit the array again."
    )


def _write(path: str, facts: dict[str, Any]) -> None:
    write_atomic(path, json.dumps(facts, sort_keys=True).encode())
