"""What shards have left, added up: the records of their runs, as one run over everything would have them.

Joining their files is `commands/merge.py`'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.sharding import Shard, shard_of
from curator_engine.files.storage import exists, list_folders
from curator_engine.running.run_record import RECORD_FILE, changed_settings, read_record

_SAME = frozenset({"settings", "config", "passed_over"})
"""What is the same in all shards, wherever it stands."""
_LARGEST = {"peak_memory_mb", "p50_s", "p95_s"}


@dataclass(frozen=True, kw_only=True)
class ShardRun:
    """The finished run of a shard."""

    path: str
    record: dict[str, Any]

    @property
    def facts(self) -> dict[str, Any]:
        """What it counted."""
        return self.record.get("facts", {})


def find_shards(folder: str) -> list[ShardRun]:
    """The runs of all shards below a folder, in their order.

    Raises:
        InputError: There are none, some are missing or not done, or they do not belong together.
    """
    found = {shard: name for name in list_folders(folder) if (shard := shard_of(name))}
    if not found:
        raise InputError(
            f"{folder} holds no folders such as shard-00000-of-00016; give the -o of the runs with --shard."
        )
    counts = sorted({shard.count for shard in found})
    if len(counts) > 1:
        raise InputError(
            f"{folder} holds shards of {' and of '.join(map(str, counts))}; move those away that do not count."
        )
    runs: list[ShardRun] = []
    missing, open_ = list[int](), dict[int, str]()
    for index in range(counts[0]):
        name = found.get(Shard(index, counts[0]))
        path = join(folder, name or "")
        if name is None or not exists(join(path, RECORD_FILE)):
            missing.append(index)
            continue
        run = ShardRun(path=path, record=read_record(path))
        if (status := run.record.get("status")) != "done":
            open_[index] = "killed, or not done yet" if status == "running" else str(status)
        runs.append(run)
    if missing or open_:
        raise InputError(_not_done(folder, counts[0], missing, open_))
    _check_same(runs)
    return runs


def _not_done(folder: str, count: int, missing: list[int], unfinished: dict[int, str]) -> str:
    again = sorted([*missing, *unfinished])
    parts = [f"missing: {format_slurm_array_indices(missing)}"] if missing else []
    for why in dict.fromkeys(unfinished.values()):
        numbers = [index for index, other in unfinished.items() if other == why]
        parts.append(f"{why}: {format_slurm_array_indices(numbers)}")
    return (
        f"{len(again)} of the {count} shards in {folder} are not done ({'; '.join(parts)}); run them again with "
        f"--resume, as sbatch --array={format_slurm_array_indices(again)}, then merge."
    )


def format_slurm_array_indices(indices: Iterable[int]) -> str:
    """Numbers as `sbatch --array` takes them.

    Raises:
        ValueError: One is negative.

    Example:
        >>> format_slurm_array_indices([3, 9, 8, 7])
        '3,7-9'
    """
    runs: list[list[int]] = []
    for index in sorted(set(indices)):
        if index < 0:
            raise ValueError(f"{index} is no number of a task of an array.")
        if runs and runs[-1][-1] == index - 1:
            runs[-1] = [runs[-1][0], index]
        else:
            runs.append([index, index])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def _check_same(runs: Sequence[ShardRun]) -> None:
    """Make sure that all shards are of one job, version, settings and input.

    Raises:
        InputError: One differs from the first; the line says in what.
    """
    first = runs[0].record
    for run in runs[1:]:
        differs = [
            f"{name} {first.get(name)}, there {run.record.get(name)}"
            for name in ("job", "version")
            if first.get(name) != run.record.get(name)
        ]
        if not differs and _key(run.record) != _key(first):
            changed = changed_settings(first.get("settings", {}), run.record.get("settings", {}))
            differs = list(changed.values()) or ["the input had other files, or has changed"]
        if differs:
            raise InputError(
                f"{run.path} is not of the same run as {runs[0].path} ({'; '.join(differs)}); run it again with "
                "--overwrite, as the others."
            )


def _key(record: dict[str, Any]) -> str:
    return str(record.get("shard", {}).get("key", ""))


def add_up(runs: Sequence[dict[str, Any]], *, same: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The counts of several records: numbers are added, by name in mappings and by place in lists.

    Args:
        runs: At least one.
        same: More names that stand for the whole in each of them, and are taken from the first.
    """
    same |= _SAME
    names = dict.fromkeys(name for run in runs for name in run)
    return {
        name: next(run[name] for run in runs if name in run)
        if name in same
        else _added(name, [run[name] for run in runs if name in run])
        for name in names
    }


def _added(name: str, values: list[Any]) -> Any:
    first = values[0]
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        total = max(values) if name in _LARGEST else sum(values)
        return round(total, 6) if isinstance(total, float) else total
    if all(isinstance(value, dict) for value in values):
        return add_up(values)
    if all(isinstance(value, list) for value in values):
        return _added_lists(values)
    return min(values) if name == "started" else first


def _added_lists(values: list[list[Any]]) -> list[Any]:
    every: list[Any] = [each for value in values for each in value]
    if every and all(isinstance(each, dict) and "name" in each for each in every):
        groups: dict[str, list[dict[str, Any]]] = {}
        for each in every:
            groups.setdefault(str(each["name"]), []).append(each)
        return [add_up(group) for group in groups.values()]
    is_numbers = every and all(isinstance(each, int | float) for each in every)
    if is_numbers and len({len(value) for value in values}) == 1:
        return [sum(column) for column in zip(*values, strict=True)]
    return [each for i, each in enumerate(every) if each not in every[:i]]
