"""The command `shard` of an app of items: the kept ones as tars for training, for webdataset."""

import json
from collections import Counter
from typing import Any

from curator_engine.commands.cli import Console, JobResult, free_disk_bytes
from curator_engine.commands.item_app import ItemApp
from curator_engine.commands.item_settings import ShardSettings
from curator_engine.counted import counted
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_engine.items.shards import Shard, parse_bins, plan_shards, write_shard
from curator_engine.stages.files import parse_size
from curator_engine.task import short_hash

_RECORD = "run.json"
_SUMMARY = "summary.json"


def shard_items(app: ItemApp, settings: ShardSettings, console: Console) -> JobResult:
    """Write the shards.

    Raises:
        CuratorError: The run has no table, the folder is in use, or the disk is full.
    """
    if len(settings.inputs) != 2:
        raise SettingsError(f"no folders; write it as {app.program} shard OUT SHARDS.")
    source, target = settings.inputs
    items = app.items.read(source)
    rows = {} if app.items.metas else {row["uuid"]: row for row in items.to_pylist()}
    shards = plan_shards(
        items, bins=parse_bins(settings.bins), max_bytes=parse_size(settings.max_size)
    )
    summary = _summary(shards, app.items.unit, count=items.num_rows)
    if settings.dry_run:
        free = free_disk_bytes(target)
        room = f"; {free / 1e6:,.0f} MB free" if free is not None else ""
        return JobResult(
            summary=summary, lines=[*_lines(summary, app.items.unit), f"nothing was written{room}"]
        )
    mode = "overwrite" if settings.overwrite else "resume" if settings.resume else "new"
    with take(
        target,
        job="shard",
        version=app.version,
        mode=mode,
        inputs=[source],
        adopt=app.adopt_shards,
    ) as folder:
        for line in folder.said:
            console.say(line)
        key = short_hash(settings.bins, settings.max_size, *(str(each) for each in shards))
        _begin(target, source, key, settings)
        files_of = app.files_of(source, items)
        for number, shard in enumerate(shards, start=1):
            # The tar of metas is written last, so where it is, both are.
            if not (settings.resume and exists(join(target, shard.path(app.shard_kinds[-1])))):
                write_shard(
                    source,
                    target,
                    shard,
                    metas=app.items.metas or rows,
                    kinds=app.shard_kinds,
                    files_of=files_of,
                )
            console.say(f"{number} of {len(shards)} tars: {shard.path(app.shard_kinds[0])}")
        write_atomic(join(target, _SUMMARY), json.dumps(summary, indent=1).encode())
        return JobResult(
            summary=summary, lines=[*_lines(summary, app.items.unit), f"result in {target}"]
        )


def _begin(target: str, source: str, key: str, settings: ShardSettings) -> None:
    """Note what the shards are made of, or see that it is the same.

    Raises:
        InputError: The call that was stopped made other shards.
    """
    path = join(target, _RECORD)
    if settings.resume and exists(path) and json.loads(read_bytes(path)).get("key") != key:
        raise InputError(
            f"{target} was begun with other items or settings; use --overwrite, or another folder."
        )
    record = {
        "job": "shard",
        "source": source,
        "bins": settings.bins,
        "max_size": settings.max_size,
        "key": key,
    }
    write_atomic(path, json.dumps(record, indent=1).encode())


def _summary(shards: list[Shard], unit: str, *, count: int) -> dict[str, Any]:
    bins: dict[str, Counter[str]] = {}
    for shard in shards:
        counts = {unit: len(shard.samples), "bytes": shard.num_bytes, "tars": 1}
        bins.setdefault(shard.bins or "all", Counter()).update(counts)
    packed = sum(each[unit] for each in bins.values())
    return {
        unit: packed,
        "left_out": count - packed,
        "bytes": sum(each["bytes"] for each in bins.values()),
        "tars": len(shards),
        "bins": {name: dict(counts) for name, counts in bins.items()},
    }


def _lines(summary: dict[str, Any], unit: str) -> list[str]:
    lines = [
        f"{counted(summary[unit], unit)}, {summary['bytes'] / 1e6:,.1f} MB in "
        f"{counted(summary['tars'], 'tars')}; "
        f"{counted(summary['left_out'], unit)} left out, being dropped or without a file"
    ]
    for name, counts in summary["bins"].items():
        lines.append(f"  {name}: {counted(counts[unit], unit)}, {counted(counts['tars'], 'tars')}")
    return lines
