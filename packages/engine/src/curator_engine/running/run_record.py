"""`run.json`: what a run leaves about itself in its folder, for commands that look at it later."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_engine.redaction import redacted

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


def finished_facts(folder: str, key: str) -> dict[str, Any] | None:
    """The facts of an earlier run that did the same to the end and could read all files, or None.

    Args:
        folder: The output folder, maybe of no run.
        key: Identifies the settings and the input.

    Raises:
        InputError: Its record cannot be read.
    """
    if not exists(join(folder, RECORD_FILE)):
        return None
    record = read_record(folder)
    same = record.get("status") == "done" and record.get("key") == key
    steps = record.get("steps", {}).values()
    if any(step.get("sources_open") for step in steps):
        # A file could not be read then; maybe now it can.
        return None
    return record.get("facts", {}) if same else None


def changed_settings(earlier: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, str]:
    """The settings that a run has and an earlier one had with other values.

    Args:
        earlier: As they stand in a record.
        settings: As they are to be written into one.

    Returns:
        What to say of each, by its name: "threshold 0.8, now 0.7".
    """
    # Written and read, so that tuples and the like compare as they were kept.
    new: dict[str, Any] = json.loads(json.dumps(redacted(settings)))
    return {
        name: f"{name} {_short(earlier[name])}, now {_short(value)}"
        for name, value in new.items()
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
    return [f"{count:,} files {how}" for how, count in counts.items() if count]


def replaced(
    folder: str, settings: Mapping[str, Any], *, key: str = "", files: Sequence[str] = ()
) -> str | None:
    """A line that says what a run takes the place of in its folder, or None if it only goes on.

    Args:
        folder: The output folder, maybe of no run.
        settings: Those of the run.
        key: Identifies its settings and input; empty if only settings are to be compared.
        files: How its files differ, as `changed_files` says, if that is known.
    """
    try:
        record = read_record(folder)
    except InputError:
        return None
    changes = list(changed_settings(record.get("settings", {}), settings).values())
    if key and record.get("key", key) != key:
        changes = [*changes, *files] or ["its input"]
    if not changes:
        return None
    differs = "; ".join(changes)
    if record.get("status") == "done":
        return f"{folder} holds a finished run with other settings or input ({differs}): its result is replaced"
    return f"{folder} holds an unfinished run with other settings or input ({differs}): what they concern is done again"


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else f"{text[: _MOST_SHOWN - 1]}…"
