"""Folders of ours from before there were manifests: known by what the run of then left in them."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from curator_engine.files.manifest import names_below
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes

type Adopt = Callable[[str], "Earlier | None"]
"""Knows what a version that kept no manifest wrote in a folder; None if it is no folder of ours."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A folder of ours from before there were manifests."""

    job: str
    version: str
    names: list[str]
    """What it wrote there: names below the folder."""


def earlier_run(folder: str, wrote: Sequence[str]) -> Earlier | None:
    """The folder of a run by its `run.json`, or None.

    Args:
        folder: The folder.
        wrote: Regular expressions of the names that the jobs of the app wrote.
    """
    file = join(folder, "run.json")
    if not exists(file):
        return None
    try:
        record = json.loads(read_bytes(file))
    except ValueError:
        return None
    if not isinstance(record, dict) or not {"job", "version", "status"} <= record.keys():
        return None
    return Earlier(
        job=str(record["job"]),
        version=str(record["version"]),
        names=matching(folder, [r"run\.json", *wrote]),
    )


def matching(folder: str, patterns: Sequence[str]) -> list[str]:
    """The files below a folder whose names one of these regular expressions describes."""
    return [
        name
        for name in names_below(folder)
        if any(re.fullmatch(pattern, name) for pattern in patterns)
    ]
