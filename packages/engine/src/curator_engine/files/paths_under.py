"""Paths and file systems as NeMo Curator's `utils.file_utils` names them, for scripts that call it.

Listing for a job is `listing.py`'s, which knows more: contents, hidden files, results of runs.
"""

import logging
import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from curator_engine.errors import InputError, SettingsError
from curator_engine.files import manifest
from curator_engine.files.output_folder import take
from curator_engine.files.paths import is_remote, use_options
from curator_engine.files.storage import exists, list_folders, list_names

type Options = Mapping[str, Any] | None
"""Of an fsspec file system."""

FILETYPE_TO_DEFAULT_EXTENSIONS = {"parquet": [".parquet"], "jsonl": [".jsonl", ".json"]}
"""Endings of NeMo Curator's file types."""
_log = logging.getLogger(__name__)


def get_fs(path: str, storage_options: Options = None) -> Any:
    """The fsspec file system of a path."""
    import fsspec

    return fsspec.url_to_fs(path, **(storage_options or {}))[0]


def get_all_file_paths_under(
    path: str,
    recurse_subdirectories: bool = False,
    keep_extensions: str | list[str] | None = None,
    storage_options: Options = None,
    fs: Any = None,
) -> list[str]:
    """The files in a folder, sorted.

    Args:
        path: A folder, a file or a glob; what does not exist has none.
        recurse_subdirectories: Those in folders below as well.
        keep_extensions: Endings that count, with or without the dot; all unless given.
        storage_options: Of the file system.
        fs: The file system, instead.
    """
    found = _sizes(path, recurse_subdirectories, keep_extensions, storage_options, fs)
    return sorted(found)


def get_all_file_paths_and_size_under(
    path: str,
    recurse_subdirectories: bool = False,
    keep_extensions: str | list[str] | None = None,
    storage_options: Options = None,
    fs: Any = None,
) -> list[tuple[str, int]]:
    """As `get_all_file_paths_under`, with the size of each in bytes (-1 if unknown), the smallest first."""
    found = _sizes(path, recurse_subdirectories, keep_extensions, storage_options, fs)
    return sorted(found.items(), key=lambda each: (each[1], each[0]))


def _sizes(
    path: str, deep: bool, endings: str | list[str] | None, options: Options, fs: Any
) -> dict[str, int]:
    """Size of each file by its path; our own notes are none."""
    fs = fs or get_fs(path, options)
    wanted = None
    if endings is not None:
        some = [endings] if isinstance(endings, str) else endings
        wanted = {each.lower().lstrip(".") for each in some}
    found: dict[str, int] = {}
    for root in sorted(_roots(fs, path)):
        infos = fs.find(root, maxdepth=None if deep else 1, detail=True)
        for name, info in infos.items():
            ending = posixpath.splitext(name)[1].lstrip(".").lower()
            if f"/{manifest.FOLDER}/" not in name and (wanted is None or ending in wanted):
                size = info.get("size")
                found[fs.unstrip_protocol(name) if is_remote(path) else name] = (
                    -1 if size is None else int(size)
                )
    return found


def _roots(fs: Any, path: str) -> list[str]:
    try:
        return fs.expand_path(path, recursive=False)
    except FileNotFoundError:
        return []


def filter_files_by_extension(files_list: list[str], keep_extensions: str | list[str]) -> list[str]:
    """The files with one of these endings, in their order."""
    some = [keep_extensions] if isinstance(keep_extensions, str) else keep_extensions
    endings = tuple(each if each.startswith(".") else f".{each}" for each in some)
    return [file for file in files_list if file.endswith(endings)]


def is_not_empty(path: str, fs: Any = None, storage_options: Options = None) -> bool:
    """Whether a folder holds anything.

    Raises:
        SettingsError: Both a file system and its options are given.
    """
    if fs is not None and storage_options is not None:
        raise SettingsError("is_not_empty takes fs or storage_options, not both.")
    fs = fs or get_fs(path, storage_options)
    return bool(fs.isdir(path) and fs.ls(path))


def delete_dir(path: str, fs: Any = None, storage_options: Options = None) -> None:
    """Remove what we wrote in a folder; one that holds anything else is refused.

    Raises:
        InputError: Something in it was not written by us: nothing is removed.
    """
    del fs
    use_options(path, storage_options)
    names = [name for name in [*list_names(path), *list_folders(path)] if name != manifest.FOLDER]
    if not exists(path) or not names:
        return
    foreign = next(manifest.foreign_names(path), None)
    if foreign is not None:
        raise InputError(
            f"{path} holds {foreign}, which we did not write, so nothing is removed; remove it yourself."
        )
    take(path, job="delete", mode="overwrite").close()


def create_or_overwrite_dir(path: str, fs: Any = None, storage_options: Options = None) -> None:
    """Make a folder, without what we wrote there before; one that holds anything else is refused.

    Raises:
        InputError: Something in it was not written by us: nothing is removed.
    """
    delete_dir(path, storage_options=storage_options)
    (fs or get_fs(path, storage_options)).mkdirs(path, exist_ok=True)


def infer_protocol_from_paths(paths: Iterable[str]) -> str | None:
    """The scheme of the first path that is not on this machine, or None."""
    schemes = (path.partition("://")[0] for path in paths if is_remote(path))
    return next((each for each in schemes if each not in ("file", "local")), None)


def check_disallowed_kwargs(
    kwargs: Mapping[str, Any], disallowed_keys: Iterable[str], raise_error: bool = True
) -> None:
    """Look for keys that must not be given.

    Raises:
        SettingsError: One is given, unless that is only to be said.
    """
    found = sorted(set(kwargs) & set(disallowed_keys))
    if not found:
        return
    line = f"not offered: {', '.join(found)}; leave them out."
    if raise_error:
        raise SettingsError(line)
    _log.warning("%s", line)
