"""`run.json`: what a run leaves about itself in its folder, for commands that look at it later."""

import json
from collections.abc import Mapping
from typing import Any

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_engine.redaction import redacted

RECORD_FILE = "run.json"


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
