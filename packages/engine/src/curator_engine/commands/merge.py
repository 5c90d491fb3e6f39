"""`merge`: the runs of all shards of an input become one run, as if it had been done at once.

Files get a second name where the file system can do that, and are not read; tables at the top of a run's
folder are joined, counts are added up, and the page is written. The shards stay as they are.
"""

import importlib
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.commands.cli import Console, JobResult
from curator_engine.commands.folder_workflow import FolderWorkflow
from curator_engine.commands.job_record import data_files
from curator_engine.commands.merge_settings import MergeSettings
from curator_engine.errors import SettingsError, StorageError
from curator_engine.files.output_folder import Mode, take
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    link_or_copy,
    list_folders,
    list_names,
    open_atomic,
    open_read,
)
from curator_engine.report.funnel_page import try_funnel_page
from curator_engine.running.run_record import (
    RECORD_FILE,
    read_record,
    without_places,
    write_record,
)
from curator_engine.running.shard_runs import ShardRun, add_up, find_shards
from curator_engine.stages.table_files import write_table

_PAGE = "report.html"

_PART = re.compile(r"(?!data/|quarantine/)(.+/part-)(\d{5,})(\.parquet)")
_EVENTS = "events.jsonl"
_STEPS, _JOB_FILE = "steps", "run"


def merge(settings: MergeSettings, console: Console, *, workflows: Mapping[str, str]) -> JobResult:
    """Join the runs of all shards in a folder.

    Args:
        settings: Where they are, and where the result goes.
        console: Is told what happens.
        workflows: Where the workflow of each job is, as "module:class".

    Raises:
        CuratorError: A shard is missing or not done, they do not belong together, or a full disk.
    """
    shards, output = settings.inputs[0], settings.output
    if settings.resume and _is_merged(output):
        console.say(f"{output} is finished already; nothing is joined.")
        return _result(output, read_record(output))
    runs = find_shards(shards)
    record = runs[0].record
    mode: Mode = "overwrite" if settings.overwrite else "resume" if settings.resume else "new"
    about: dict[str, Any] = {"job": record["job"], "version": record["version"]}
    with take(output, **about, mode=mode, inputs=[shards]) as folder:
        for line in folder.said:
            console.say(line)
        console.say(f"{len(runs)} shards are joined in {output}")
        merged = _merge(runs, output, workflows, console)
    if settings.drop_shards:
        for run in runs:
            _drop(run.path, about, console)
    return _result(output, merged)


def _is_merged(output: str) -> bool:
    if not exists(join(output, RECORD_FILE)):
        return False
    record = read_record(output)
    return record.get("status") == "done" and "merged" in record


def _drop(path: str, about: Mapping[str, Any], console: Console) -> None:
    """Remove what a shard has written; what others put there stays, and is said."""
    with take(path, **about, mode="overwrite") as folder:
        # Then giving it back takes away the marker as well.
        folder.is_new = True
        for line in folder.said:
            console.warn(line)


def _merge(
    runs: Sequence[ShardRun], output: str, workflows: Mapping[str, str], console: Console
) -> dict[str, Any]:
    """Join runs in a folder that is taken; the record of the whole."""
    record = _whole(runs)
    write_record(output, record | {"status": "running"})
    if record["job"] == _JOB_FILE:
        _join_steps(runs, output, workflows, record)
        record["facts"] = add_up([run.facts for run in runs])
        page = try_funnel_page
    else:
        page = _join(runs, output, workflows, record)
    write_record(output, record)
    if note := page(output):
        console.warn(note)
    return record


def _whole(runs: Sequence[ShardRun]) -> dict[str, Any]:
    """The record that one run over everything would have, but for the facts."""
    first = runs[0].record
    record = {name: value for name, value in first.items() if name != "shard"}
    return record | {
        "key": first.get("shard", {}).get("key", ""),
        "settings": without_places(first.get("settings", {})),
        "steps": add_up([run.record.get("steps", {}) for run in runs]),
        "merged": {"shards": len(runs)},
    }


def _join(
    runs: Sequence[ShardRun], output: str, workflows: Mapping[str, str], record: dict[str, Any]
) -> Callable[[str], str | None]:
    """Join the runs of a job; the facts get into the record.

    Returns:
        What writes the page.
    """
    workflow = _workflow(workflows, record["job"])
    _put_together(runs, output)
    record["facts"] = add_up([run.facts for run in runs], same=workflow.same_in_shards)
    workflow.join_shards(runs, output, record["facts"])
    return workflow.page_of


def _workflow(workflows: Mapping[str, str], job: str) -> type[FolderWorkflow[Any]]:
    """The workflow of a job, which knows how its results are joined.

    Raises:
        SettingsError: The app has none.
    """
    if job not in workflows:
        raise SettingsError(
            f"no job {job!r} whose shards can be joined; known are {', '.join(workflows)}."
        )
    module, _, name = workflows[job].partition(":")
    return getattr(importlib.import_module(module), name)


def _join_steps(
    runs: Sequence[ShardRun], output: str, workflows: Mapping[str, str], record: dict[str, Any]
) -> None:
    """Join the folders of the steps of a job file, each as a run of its job, and the result."""
    before = ""
    for folder, key in zip(record["steps"], runs[0].record["shard"]["step_keys"], strict=False):
        record["steps"][folder]["key"] = key
        inner = join(output, _STEPS, folder)
        paths = [join(run.path, _STEPS, folder) for run in runs]
        # A shard of which the steps before left nothing has not run this one.
        parts = [
            ShardRun(path=path, record=read_record(path))
            for path in paths
            if exists(join(path, RECORD_FILE))
        ]
        if parts:
            whole = _whole(parts)
            if before:
                whole["settings"]["input_path"] = [before]
            page = _join(parts, inner, workflows, whole)
            write_record(inner, whole)
            page(inner)
        before = join(inner, "data")
    for run in runs:
        for name in data_files(join(run.path, "data")):
            link_or_copy(join(run.path, "data", name), join(output, "data", name))


def _put_together(runs: Sequence[ShardRun], output: str) -> None:
    """Give the files of all runs a place in one folder, and join the tables at its top."""
    taken, tables = set[str](), dict[str, list[str]]()
    blocks = 0
    for run in runs:
        last = 0
        for name in data_files(run.path):
            path = join(run.path, name)
            if "/" not in name:
                tables.setdefault(name, []).append(path)
                continue
            if name.startswith(".cache/"):
                continue
            target, number = _numbered(name, blocks)
            last = max(last, number + 1)
            if target in taken:
                target = _free(name, run.path)
            taken.add(target)
            link_or_copy(path, join(output, target))
        blocks += int(run.facts.get("num_blocks", last))
    for name, paths in tables.items():
        if name == _EVENTS:
            _append(paths, join(output, name))
        elif name.endswith(".parquet"):
            _concatenate(paths, join(output, name))


def _numbered(name: str, before: int) -> tuple[str, int]:
    """The name of a part of a table in the whole, and its number in the shard (-1 for other files).

    Args:
        name: As in the shard.
        before: How many parts those before it may have: parts are numbered by blocks of the input.
    """
    match = _PART.fullmatch(name)
    if not match:
        return name, -1
    return f"{match[1]}{before + int(match[2]):05d}{match[3]}", int(match[2])


def _free(name: str, path: str) -> str:
    """Another name for what two shards call the same, which only tasks that failed can have.

    Raises:
        StorageError: It is another file.
    """
    if not name.startswith("quarantine/"):
        raise StorageError(
            f"{join(path, name)} is in another shard too; run both again with --overwrite."
        )
    folder, _, file = name.rpartition("/")
    return f"{folder}/{path.rstrip('/').rpartition('/')[2]}-{file}"


def _append(paths: Sequence[str], target: str) -> None:
    with open_atomic(target) as out:
        for path in paths:
            with open_read(path) as file:
                shutil.copyfileobj(file, out)


def _concatenate(paths: Sequence[str], target: str) -> None:
    """Write tables below each other; a column that one of them lacks is null there."""
    tables: list[pa.Table] = []
    for path in paths:
        with open_read(path) as raw:
            tables.append(pq.read_table(raw))
    whole = pa.concat_tables(tables, promote_options="default")
    write_table(target, whole.combine_chunks())


def _result(output: str, record: dict[str, Any]) -> JobResult:
    """The counts of the whole, and where it is."""
    facts, shards = record["facts"], record["merged"]["shards"]
    counts = {
        name: value
        for name, value in facts.items()
        if (name.startswith("num_") or name in ("kept", "lost_rows", "quarantined"))
        and name != "num_blocks"
    }
    said = ", ".join(
        f"{name.removeprefix('num_').replace('_', ' ')} {value:,}" for name, value in counts.items()
    )
    lines = [
        *(f"warning: {line}" for line in facts.get("alarms", [])),
        f"{record['job']}, {shards} shards: {said}",
        f"result in {output}: {_what_is_in(output)}",
    ]
    summary = {"job": record["job"], "shards": shards, **counts, "output": output}
    return JobResult(summary=summary, lines=lines, exit_code=3 if facts.get("quarantined") else 0)


def _what_is_in(output: str) -> str:
    """The files and folders to look at, as other commands name them: the page first, the record last."""
    names = [*(f"{each}/" for each in list_folders(output)), *list_names(output)]
    shown = [name for name in names if name not in (_PAGE, RECORD_FILE, "events.jsonl")]
    page = [_PAGE] if _PAGE in names else []
    return ", ".join([*page, *(name for name in shown if name[0] != "."), RECORD_FILE])
