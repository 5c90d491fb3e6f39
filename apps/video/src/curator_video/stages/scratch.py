"""The folder in which the stages of one pipeline keep tracks, clips and previews between each other.

The stages are given no such folder by their callers, so it is found here, in the process that makes
them, and travels with them to the workers.
"""

import os
import tempfile
from functools import cache

from curator_engine.files.output_folder import take

VARIABLE = "CURATOR_SCRATCH"
"""Environment variable with the folder; on several machines one that all of them reach."""


def scratch_folder() -> str:
    """The folder that CURATOR_SCRATCH names, else one of this process that is removed when it ends.

    Raises:
        InputError: The one that is named holds what is not ours.
    """
    return _ours(os.environ.get(VARIABLE) or _own().name)


@cache
def _own() -> "tempfile.TemporaryDirectory[str]":
    """A new folder that no one else may read; it goes when the interpreter ends."""
    return tempfile.TemporaryDirectory(prefix="curator-video-")


@cache
def _ours(folder: str) -> str:
    """The folder, with our marker in it: nothing is removed where there is none."""
    with take(folder, job="scratch", mode="share"):
        return folder
