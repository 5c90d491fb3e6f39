"""What a writer does about a folder in which there is something already; see `output_folder.py`."""

from typing import Literal, get_args

from curator_engine.errors import InputError, SettingsError
from curator_engine.files import manifest
from curator_engine.files.output_folder import take
from curator_engine.files.storage import exists, list_folders, list_names

type WriteMode = Literal["ignore", "overwrite", "append", "error"]
"""ignore: other files stay, a run of the same input replaces its own. overwrite: what we made goes first.
append: as ignore, and earlier files of ours stay too. error: the folder must be empty."""


def check_mode(mode: str) -> None:
    """Look whether it is one.

    Raises:
        SettingsError: It is none.
    """
    modes: tuple[str, ...] = get_args(WriteMode.__value__)
    if mode not in modes:
        raise SettingsError(f"mode={mode!r} is not one of {', '.join(modes)}.")


def clear(path: str, mode: WriteMode, *, job: str) -> None:
    """Make a folder ready for a writer: with overwrite, remove what our manifest names, and only that.

    Args:
        path: The folder; it need not exist.
        mode: What may be there.
        job: Who writes.

    Raises:
        InputError: With error, something is there; with overwrite, something that we did not make.
    """
    if mode == "error" and _names(path):
        raise InputError(
            f"{path} is not empty; use mode='overwrite' to replace what was written, or another folder."
        )
    if mode != "overwrite" or not exists(path):
        return
    is_ours = manifest.read_marker(path) is not None
    foreign = next(manifest.foreign_names(path), None) if is_ours else None
    if foreign is not None:
        raise InputError(
            f"{path} holds {foreign}, which we did not write, so mode='overwrite' removes nothing; "
            "move it away, or choose another folder."
        )
    take(path, job=job, mode="overwrite").close()


def _names(path: str) -> list[str]:
    """What is in the folder, but for our own notes."""
    return [name for name in [*list_names(path), *list_folders(path)] if name != manifest.FOLDER]
