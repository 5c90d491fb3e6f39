"""`run.json`: what a run leaves about itself in its folder, for commands that look at it later."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files.listing import Listing
from curator_engine.files.paths import join
from curator_engine.files.sharding import Shard
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_engine.redaction import redacted
from curator_engine.task import short_hash

RECORD_FILE = "run.json"
_MOST_SHOWN = 60
"""Letters of a setting's value in a line."""
_PLACES = {"output", "output_path", "cache", "cache_path", "scratch"}
"""Settings that say where files lie, not what is in them."""


def read_record(folder: str) -> dict[str, Any]:
    """The record of a run.

    Raises:
        InputError: It is not the folder of a run.
    """
    file = join(folder, RECORD_FILE)
    if not exists(file):
        raise InputError(f"{folder} holds no run.json; give the output folder of a run.")
    try:
        record = json.loads(read_bytes(file))
    except ValueError as error:
        raise InputError(f"{file} is not valid JSON; run again with --overwrite.") from error
    if not isinstance(record, dict):
        raise InputError(f"{file} is not the record of a run; give the output folder of a run.")
    return record


def write_record(folder: str, record: Mapping[str, Any]) -> None:
    """Write the record of a run, whole or not at all.

    Raises:
        StorageError: It cannot be written.
    """
    write_atomic(join(folder, RECORD_FILE), json.dumps(redacted(record), indent=1).encode())


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a run is to do, to be compared with what an earlier run in its folder did."""

    settings: Mapping[str, Any]
    """As they are to be written into the record."""
    defaults: Mapping[str, Any]
    """Of the settings: a setting that an earlier version did not know stood at its default."""
    files: Sequence[str]
    """What tells the input from another: path and stamp of each file."""
    obsolete: frozenset[str] = frozenset()
    """Settings of earlier versions that had no effect on the result."""

    @property
    def key(self) -> str:
        """Identifies the settings and the input; kept in the record."""
        return self._key(self.settings)

    def _key(self, settings: Mapping[str, Any]) -> str:
        return key_of(settings, self.files)

    def is_that_of(self, record: Mapping[str, Any]) -> bool:
        """Whether a run did, or began, the same with the same input."""
        key, earlier = record.get("key", ""), record.get("settings", {})
        if key == self.key:
            return True
        if not key or key != self._key(earlier):
            return False
        skip = self.obsolete | _PLACES
        told, now = {**_as_kept(self.defaults), **earlier}, _as_kept(self.settings)
        return all(told.get(k) == now.get(k) for k in (told.keys() | now.keys()) - skip)


def key_of(settings: Mapping[str, Any], files: Sequence[str]) -> str:
    """Identifies settings and input: path and stamp of each file."""
    return short_hash(repr(dict(settings)), *files)


def shard_record(
    shard: str | None, listing: Listing | None, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """What the record of a run says of the shard that it did; {} of one that did everything.

    Its `key` is that of one run over all files, wherever it lies; shards of equal keys belong together.
    """
    if not shard or listing is None:
        return {}
    given, part = Shard.parse(shard), listing.files
    files = [f"{file.path} {file.stamp}" for file in listing.whole]
    key = key_of(without_places(settings), files)
    numbers = {"index": given.index, "count": given.count, "first_file": listing.first}
    return {"shard": {**numbers, "files": len(part), "key": key}}


def without_places(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as they are kept, with nothing for where the result lies."""
    return {k: "" if k in _PLACES else v for k, v in _as_kept(settings).items()}


def finished_facts(folder: str, wanted: Wanted) -> dict[str, Any] | None:
    """The facts of an earlier run that did the same to the end and could read all files, or None.

    Args:
        folder: The output folder, maybe of no run.
        wanted: What is to be done.

    Raises:
        InputError: Its record cannot be read.
    """
    if not exists(join(folder, RECORD_FILE)):
        return None
    record = read_record(folder)
    steps = record.get("steps", {}).values()
    if any(step.get("sources_open") for step in steps):
        # A file could not be read then; maybe now it can.
        return None
    same = record.get("status") == "done" and wanted.is_that_of(record)
    return record.get("facts", {}) if same else None


def changed_settings(earlier: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings that a run has and an earlier one had with other values.

    Args:
        earlier: As they stand in a record.
        settings: As they are to be written into one.

    Returns:
        What to say of each, by its name: "threshold 0.8, now 0.7".
    """
    return {
        name: f"{name} {_short(earlier[name])}, now {_short(value)}"
        for name, value in _as_kept(settings).items()
        if name in earlier and name not in _PLACES and earlier[name] != value
    }


def changed_files(earlier: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """How files differ from those of an earlier run, such as "2 files changed".

    Args:
        earlier: The stamps of the earlier run's files, by path.
        now: Those of the files of now.
    """
    both = earlier.keys() & now.keys()
    counts = {
        "not read before": len(now) - len(both),
        "changed": sum(earlier[path] != now[path] for path in both),
        "gone": len(earlier) - len(both),
    }
    return [f"{counted(count, 'files')} {how}" for how, count in counts.items() if count]


def replaced(
    folder: str,
    settings: Mapping[str, Any],
    *,
    wanted: Wanted | None = None,
    files: Sequence[str] = (),
) -> str | None:
    """A line that says what a run takes the place of in its folder, or None if it only goes on.

    Args:
        folder: The output folder, maybe of no run.
        settings: Those of the run.
        wanted: What is to be done; None if only settings are to be compared.
        files: How its files differ, as `changed_files` says, if that is known.
    """
    try:
        record = read_record(folder)
    except InputError:
        return None
    changes = list(changed_settings(record.get("settings", {}), settings).values())
    if wanted and record.get("key") and not wanted.is_that_of(record):
        changes = [*changes, *files] or ["its input"]
    if not changes:
        return None
    differs = "; ".join(changes)
    if record.get("status") == "done":
        return f"{folder} holds a finished run with other settings or input ({differs}): its result is replaced"
    return f"{folder} holds an unfinished run with other settings or input ({differs}): what they concern is done again"


def _as_kept(settings: Mapping[str, Any]) -> dict[str, Any]:
    """As they are written and read again, so that tuples and the like compare as they were kept."""
    return json.loads(json.dumps(redacted(settings)))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
