"""Find the input files: in folders, by globs, behind URLs.

What is in them is not known here.
"""

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError
from curator_engine.files.storage import file_system_of, is_remote, storage_errors


@dataclass(frozen=True, kw_only=True)
class FileInfo:
    """One input file as it was listed."""

    path: str
    size: int
    """Bytes."""
    stamp: str
    """Changes when the content changes: size and modification time, or the etag."""
    name: str
    """Its name in an output folder: relative to the argument that found it, unique in the list."""


def list_files(
    inputs: Sequence[str], *, extensions: Sequence[str], allow_empty: bool = False
) -> list[FileInfo]:
    """The input files: in the order of the arguments, then of the path's bytes, each once.

    Args:
        inputs: Files, folders (searched all the way down), globs, URLs.
        extensions: Endings that count inside folders and globs, such as ".jsonl".
        allow_empty: Take a folder or glob without files for nothing instead of an error.

    Raises:
        InputError: A path is missing, or nothing matches.
    """
    found: dict[str, tuple[int, str, str]] = {}
    for argument in inputs:
        listed = (
            _list_remote(argument, extensions)
            if is_remote(argument)
            else _list_local(argument, extensions)
        )
        if not listed and not allow_empty:
            raise InputError(
                f"no files ending in {', '.join(extensions)} in {argument}; check the path."
            )
        for path, size, stamp, name in sorted(listed, key=lambda entry: entry[0].encode()):
            found.setdefault(path, (size, stamp, name))
    names = _unique([name for _, _, name in found.values()])
    return [
        FileInfo(path=path, size=size, stamp=stamp, name=name)
        for (path, (size, stamp, _)), name in zip(found.items(), names, strict=True)
    ]


def _unique(names: list[str]) -> list[str]:
    """The names, those that repeat behind a number, so that no output overwrites another."""
    taken: set[str] = set()
    unique: list[str] = []
    for name in names:
        count, free = 1, name
        while free in taken:
            count += 1
            free = f"{count}/{name}"
        taken.add(free)
        unique.append(free)
    return unique


def _list_local(argument: str, extensions: Sequence[str]) -> list[tuple[str, int, str, str]]:
    path = Path(argument)
    if path.is_file():
        return [_local_entry(path, path.name)]
    if path.is_dir():
        paths = [
            Path(folder) / name
            for folder, folders, names in os.walk(path, onerror=_raise_walk_error)
            if _keep_visible(folders)
            for name in names
            if name.endswith(tuple(extensions)) and not name.startswith(".")
        ]
        return [_local_entry(each, each.relative_to(path).as_posix()) for each in paths]
    if not glob.has_magic(argument):
        raise InputError(f"{argument} does not exist; check the path.")
    matches = map(Path, glob.glob(argument, recursive=True))  # noqa: PTH207 (Path.glob takes no absolute pattern)
    root = Path(*_before_magic(path.parts))
    return [
        _local_entry(
            each, each.relative_to(root).as_posix() if each.is_relative_to(root) else each.name
        )
        for each in matches
        if each.is_file() and each.name.endswith(tuple(extensions))
    ]


def _raise_walk_error(error: OSError) -> None:
    raise InputError(f"{error.filename} cannot be listed: {error.strerror}.") from error


def _keep_visible(folders: list[str]) -> bool:
    """Keep os.walk out of hidden folders; always true."""
    folders[:] = [name for name in folders if not name.startswith(".")]
    return True


def _before_magic(parts: Sequence[str]) -> list[str]:
    plain: list[str] = []
    for part in parts[:-1]:
        if glob.has_magic(part):
            break
        plain.append(part)
    return plain


def _local_entry(path: Path, name: str) -> tuple[str, int, str, str]:
    stat = path.stat()
    return str(path), stat.st_size, f"{stat.st_size}:{stat.st_mtime_ns}", name


def _list_remote(argument: str, extensions: Sequence[str]) -> list[tuple[str, int, str, str]]:
    fs, pattern = file_system_of(argument)
    scheme = argument.partition("://")[0]
    with storage_errors(argument, "listing"):
        if glob.has_magic(pattern):
            found = fs.glob(pattern, detail=True)
            root = "/".join(_before_magic(pattern.split("/")))
        elif not fs.exists(pattern):
            raise InputError(f"{argument} does not exist; check the path.")
        elif fs.isdir(pattern):
            found, root = fs.find(pattern, detail=True), pattern.rstrip("/")
        else:
            info = fs.info(pattern)
            return [_remote_entry(scheme, pattern, info, pattern.rpartition("/")[2])]
    return [
        _remote_entry(scheme, path, info, path.removeprefix(root).lstrip("/"))
        for path, info in found.items()
        if info["type"] == "file" and path.endswith(tuple(extensions))
    ]


def _remote_entry(
    scheme: str, path: str, info: dict[str, Any], name: str
) -> tuple[str, int, str, str]:
    mark = (
        info.get("ETag") or info.get("etag") or info.get("LastModified") or info.get("mtime") or ""
    )
    return f"{scheme}://{path}", int(info["size"] or 0), f"{info['size']}:{mark}", name
