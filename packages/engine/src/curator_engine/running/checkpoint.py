"""Which source tasks are done, so that a killed run can go on.

One small file per finished source task, `done/<pipeline>/<fingerprint>/<source id>.json`, written
last: no locks and no database, so it works on every file system and object store. `ledger.py`
decides when a source task is finished.
"""

import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any
from uuid import uuid4

from curator_engine.files.manifest import made_in, note
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import (
    exists,
    list_folders,
    list_names,
    read_bytes,
    remove,
    remove_tree,
    storage_errors,
    write_atomic,
)
from curator_engine.stage import AnyStage
from curator_engine.task import FileGroupTask, Task, file_safe, short_hash

_BEGUN = "begun.txt"
_EARLIER = "earlier.txt"
_RUN = "run.txt"
_OURS = frozenset(
    {"curator_engine", "curator_text", "curator_video", "curator_image", "curator_audio"}
)
"""Packages in which no two stages have the same name."""

_EXECUTION_FIELDS = {
    "resources",
    "batch_size",
    "runtime_env",
    "failure_policy",
    "private_rows",
    "num_workers",
    "ray_stage_spec",
    "xenna_stage_spec",
}


@dataclass(frozen=True, kw_only=True)
class Marker:
    """What is kept about a finished source task."""

    source: str
    stamp: str = ""
    """The source's content stamp when it was read."""
    outputs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    rejected: int = 0
    rows: int = 0
    """Rows that were read for it, as far as stages count them."""
    kin: str = ""
    """The first of the sources that share outputs with this one; they count as done together."""
    kin_size: int = 1

    def tasks(self) -> list[Task[Any]]:
        """The results that can be given back: references to files."""
        return [_restore(record, self.source) for record in self.outputs if "data" in record]


class Checkpoint:
    """The markers of one pipeline with one set of settings, in one folder.

    Args:
        path: The folder.
        pipeline: Its name.
        fingerprint: Of its stages, and what else the results depend on.
        former: The same as earlier versions made it; used where there are markers of that name.
    """

    def __init__(self, path: str, pipeline: str, fingerprint: str, former: str = "") -> None:
        self._root = join(path, "done", file_safe(pipeline))
        if former and former in list_folders(self._root):
            # An earlier version began this run, and named it by its modules.
            fingerprint = former
        self._path = join(self._root, fingerprint)
        self._fingerprint = fingerprint
        self._noted = False

    def earlier_files(self, folders: Sequence[str]) -> frozenset[str]:
        """Files of ours that lay in folders before this checkpoint began: of other runs, which `resume` must leave.

        Args:
            folders: Those that the pipeline writes into and may share; looked at once, then remembered.
        """
        file = join(self._root, _EARLIER)
        if exists(file):
            return frozenset(json.loads(read_bytes(file)))
        # What a checkpoint that has begun finds there is its own.
        found = [] if list_folders(self._root) else [p for f in folders for p in made_in(f)]
        write_atomic(file, json.dumps(found).encode())
        return frozenset(found)

    def run_id(self) -> str:
        """What tells this run from others that write into the same folders; the same when it goes on."""
        file = join(self._root, _RUN)
        if not exists(file):
            write_atomic(file, uuid4().hex[:8].encode())
        return read_bytes(file).decode("ascii", "replace")

    def has_begun(self) -> bool:
        """Whether an earlier run of the same has noted anything."""
        return bool(list_names(self._path))

    def load(self) -> dict[str, Marker]:
        """The markers by source id; a half-written one counts as absent."""
        markers: dict[str, Marker] = {}
        for name in list_names(self._path):
            if not name.endswith(".json"):
                continue
            try:
                record = json.loads(read_bytes(join(self._path, name)))
                marker = Marker(**record)
            except (ValueError, TypeError):
                continue
            markers[marker.source] = marker
        return markers

    def mark(self, marker: Marker) -> None:
        """Declare a source done: the last thing that is written for it."""
        record = {f.name: getattr(marker, f.name) for f in fields(marker)}
        write_atomic(self._file(marker.source), json.dumps(record).encode())

    def unmark(self, source: str) -> None:
        """Forget a source, since it is to be run again."""
        if exists(self._file(source)):
            remove(self._file(source))

    def begin(self, sources: list[str]) -> None:
        """Note that work on these sources begins; on local paths only, as it is for counting."""
        if is_remote(self._path):
            return
        path = Path(self._path, _BEGUN)
        with storage_errors(str(path), "writing"):
            if not self._noted:
                note(str(path))
                self._noted = True
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write("".join(f"{source}\n" for source in sources))

    def begun(self) -> set[str]:
        """Sources that earlier runs began."""
        return _begun(self._path)

    def begun_otherwise(self) -> set[str]:
        """Sources that runs with other settings began."""
        found = set[str]()
        for other in self._others():
            folder = join(self._root, other)
            found |= {name.removesuffix(".json") for name in list_names(folder)} | _begun(folder)
        return found

    def drop_others(self) -> bool:
        """Remove the markers of other settings; return whether there were any."""
        others = self._others()
        for name in others:
            remove_tree(join(self._root, name))
        return bool(others)

    def _others(self) -> list[str]:
        return [name for name in list_folders(self._root) if name != self._fingerprint]

    def _file(self, source: str) -> str:
        return join(self._path, f"{source}.json")


def _begun(folder: str) -> set[str]:
    path = join(folder, _BEGUN)
    known = not is_remote(path) and exists(path)
    return set(read_bytes(path).decode("utf-8", "replace").split("\n")) if known else set()


def standing(
    markers: dict[str, Marker], stamps: Mapping[str, str], recorded: Collection[str] | None
) -> dict[str, Marker]:
    """The markers that still hold: their sources are unchanged, their bad rows in this run's quarantine.

    Args:
        markers: By source.
        stamps: The sources' content stamps now.
        recorded: Sources with rows in the run's quarantine; None if it has none. Where a kept
            checkpoint meets a new run folder, sources with bad rows are done again to say which.
    """
    return {
        source: marker
        for source, marker in markers.items()
        if marker.stamp == stamps.get(source)
        and (not marker.rejected or recorded is None or source in recorded)
    }


def whole(markers: dict[str, Marker]) -> dict[str, Marker]:
    """The markers whose kin are all there."""
    there = Counter(marker.kin for marker in markers.values())
    return {s: m for s, m in markers.items() if there[m.kin] == m.kin_size or m.kin_size == 1}


def describe_output(task: Task[Any]) -> dict[str, Any]:
    """What a marker keeps of a result: all of a reference to files, else only its id."""
    if not isinstance(task, FileGroupTask):
        return {"task_id": task.task_id}
    return {
        "task_id": task.task_id,
        "data": task.data,
        "dataset_name": task.dataset_name,
        "metadata": task._metadata,
        "span": task.span,
    }


def fingerprint(stages: list[AnyStage], *, former: bool = False) -> str:
    """12 hexadecimal digits of the stages' classes, their settings and their packages' versions.

    Execution settings (resources, batch size, ...) do not count, except the batch size of a stage
    that mixes its inputs. Nor does the module of a class of ours, so that classes may move.

    Args:
        stages: In order.
        former: As versions before 0.2 made it, with the modules of that time.
    """
    parts: list[str] = []
    for stage in stages:
        module = type(stage).__module__
        package = sys.modules.get(module.partition(".")[0])
        parts += [_name_of(type(stage), former=former), stage.name]
        parts += [str(getattr(package, "__version__", ""))]
        parts += [
            f"{key}={_stable(value, former=former)}"
            for key, value in sorted(_settings(stage).items())
        ]
        parts += [] if stage.aligned else [f"batch_size={stage.batch_size}"]
    return short_hash(*parts)


def _settings(stage: AnyStage) -> dict[str, Any]:
    made = {f.name: f.init for f in fields(stage)} if is_dataclass(stage) else {}
    names = [n for n in {**made, **vars(stage)} if made.get(n, True)]
    return {
        name: getattr(stage, name)
        for name in names
        if not name.startswith("_") and name not in _EXECUTION_FIELDS
    }


def _name_of(thing: Any, *, former: bool) -> str:
    """A class or function: `curator-text:SignDocuments` if it is ours, else with its module."""
    package = thing.__module__.partition(".")[0]
    if package not in _OURS:
        return f"{thing.__module__}.{thing.__qualname__}"
    if not former:
        return f"{package.replace('_', '-')}:{thing.__qualname__}"
    module = _former_modules(package).get(thing.__qualname__, thing.__module__)
    return f"{module}.{thing.__qualname__}"


@cache
def _former_modules(package: str) -> dict[str, str]:
    """In which module each stage of ours was that has moved since."""
    file = files(package).joinpath("former_modules.json")
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def _stable(value: Any, above: tuple[int, ...] = (), *, former: bool = False) -> str:
    """A text that is the same in every process: no addresses, no order of sets.

    Args:
        value: Anything.
        above: Identities of what it is a part of; a function may hold itself.
        former: With the modules of classes of ours, as versions before 0.2 have it.
    """
    if id(value) in above:
        return f"itself, {above[::-1].index(id(value))} up"
    part = partial(_stable, above=(*above, id(value)), former=former)
    if isinstance(value, set | frozenset):
        return f"{{{','.join(sorted(map(part, value)))}}}"
    if isinstance(value, dict):
        return f"{{{','.join(sorted(f'{part(k)}:{part(v)}' for k, v in value.items()))}}}"
    if isinstance(value, list | tuple):
        return f"[{','.join(map(part, value))}]"
    if isinstance(value, FunctionType):
        body = [_code(value.__code__), part(value.__defaults__), part(_kept(value))]
        return f"{_name_of(value, former=former)}:{short_hash(*body)}"
    if callable(value) and hasattr(value, "__qualname__"):
        return _name_of(value, former=former)
    return re.sub(r" at 0x[0-9a-f]+", "", _shown(value))


def _kept(function: FunctionType) -> list[Any]:
    """What a closure holds; a variable that has no value yet is left out."""
    kept: list[Any] = []
    for cell in function.__closure__ or ():
        with suppress(ValueError):
            kept.append(cell.cell_contents)
    return kept


def _shown(value: Any) -> str:
    try:
        return repr(value)
    except RecursionError:
        return type(value).__qualname__


def _code(code: CodeType) -> str:
    """What a function does, so that two lambdas are told apart."""
    values = [_code(c) if isinstance(c, CodeType) else _stable(c) for c in code.co_consts]
    return short_hash(code.co_code.hex(), *code.co_names, *values)


def _restore(record: dict[str, Any], source: str) -> Task[Any]:
    span = record["span"]
    task = FileGroupTask(
        data=record["data"],
        dataset_name=record["dataset_name"],
        task_id=record["task_id"],
        _metadata=record["metadata"],
        span=(span[0], span[1]) if span else None,
    )
    task._sources = frozenset({source})
    return task
