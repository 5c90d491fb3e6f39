"""The folder of a run as the input of the next one: what is read of it is what the run kept."""

import json
from glob import has_magic
from typing import Any

from curator_engine.errors import InputError
from curator_engine.files import manifest
from curator_engine.files.formats import format_by_ending
from curator_engine.files.paths import join, local_path
from curator_engine.files.storage import exists, read_bytes
from curator_engine.files.walk import RECORD, is_record

_KEPT = ("data", "clips", "embeddings")
"""Where a run leaves what it keeps; the first that is there counts."""
_REMOVED = "removed"
_NO_RUNS = ("cache", "index")
"""Folders with a marker in which nothing was to be left."""


def kept_folder(place: str) -> str | None:
    """The folder with what a run kept, if a place is the folder of a run; else None.

    The other files of a run, such as its lists of what was removed, are no documents.

    Args:
        place: A file, folder, glob or URL.

    Raises:
        InputError: The run has not ended, or has left lists only.

    Example:
        >>> kept_folder("filtered")
        'filtered/data'
    """
    place = local_path(place)
    if place.startswith(("http://", "https://")) or has_magic(place) or format_by_ending(place):
        return None
    record = _record(place)
    if record is None:
        return None
    job = record["job"]
    if record.get("status") != "done":
        raise InputError(
            f"{place} is the folder of a run of {job} that has not ended; let it end with --resume, "
            "or give the folder in it that is to be read."
        )
    kept = next((name for name in _KEPT if exists(join(place, name))), None)
    if kept is None and exists(join(place, _REMOVED)):
        raise InputError(
            f"{place} is the folder of a run of {job} that has left lists and no data; "
            "run it again without --ids-only, or give the folder in it that is to be read."
        )
    return join(place, kept) if kept else None


def _record(place: str) -> dict[str, Any] | None:
    """What tells the job of a run and whether it has ended; None if the place is no folder of a run."""
    file = join(place, RECORD)
    if exists(file):
        return json.loads(read_bytes(file)) if is_record(file) else None
    marker = manifest.read_marker(place)
    # A folder into which a stage of a pipeline in Python writes has no version.
    is_run = marker and marker.get("version") and marker.get("job") not in _NO_RUNS
    return marker if is_run else None
