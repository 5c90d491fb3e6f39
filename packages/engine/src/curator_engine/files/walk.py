"""Walk folders: links are followed, nothing is met twice, and what is no input is passed over.

What counts as input otherwise is `listing.py`'s.
"""

import errno
import json
import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError, StorageError
from curator_engine.files.lance_datasets import is_lance, size_and_change
from curator_engine.files.paths import join
from curator_engine.files.storage import read_bytes

MARKER = ".curator/marker.json"
"""In the folder of a result of ours."""
RECORD = "run.json"
"""In the folder of a result of an older version."""
_TWICE, _HIDDEN, _SPARK = "named twice", "hidden", "of Spark's own"
_OURS, _CIRCLE = "results of runs", "linked in a circle"
_BROKEN, _SPECIAL = "linked to nothing", "no regular files"
_SPARK_FOLDERS = {"_temporary", "_delta_log", "_spark_metadata"}
_SPARK_FILES = ("_SUCCESS", "_metadata", "_common_metadata", "_committed_", "_started_")
_MAX_RECORD_BYTES = 16 << 20
_INSIDE = -1

type Key = tuple[int, int] | str
"""What a file or folder is, by whatever name: its device and inode, or its key."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file as it was met."""

    path: str
    size: int
    stamp: str
    name: str
    """Relative to the argument that found it."""
    key: Key


@dataclass(kw_only=True)
class Walk:
    """A walk through all arguments, which remembers where it was."""

    takes: Callable[[str], bool]
    """Whether a file that was met in a folder counts."""
    passed_over: Counter[str] = field(default_factory=Counter[str])
    _files: set[Key] = field(default_factory=set[Key])
    _folders: dict[Key, int] = field(default_factory=dict[Key, int])
    """How many files a folder has that was walked."""

    @property
    def twice(self) -> int:
        """Files that were met under another name before."""
        return self.passed_over[_TWICE]

    def first_names(self, found: Iterable[Found]) -> list[Found]:
        """The files that were not met before."""
        first: list[Found] = []
        for each in found:
            if each.key in self._files:
                self.passed_over[_TWICE] += 1
            else:
                self._files.add(each.key)
                first.append(each)
        return first

    def files_in(self, root: str) -> list[Found]:
        """The files in a folder that count, all the way down, in the order of their paths' bytes.

        Raises:
            InputError: A folder cannot be listed.
        """
        found: list[Found] = []
        # Folders may lie deeper in each other than functions may.
        stack: list[tuple[str, Key | None, int]] = [(root, None, 0)]
        while stack:
            path, leaving, before = stack.pop()
            if leaving is not None:
                self._folders[leaving] = len(found) - before
                continue
            info = Path(path).stat()
            if stat.S_ISREG(info.st_mode) or is_lance(path):
                if self.takes(path):
                    found.append(_found(path, os.path.relpath(path, root), info))
                continue
            if self._is_new(key := _key(path, info)):
                stack.append((path, key, len(found)))
                stack += [(child, None, 0) for child in reversed(self._children(path))]
        return found

    def _is_new(self, folder: Key) -> bool:
        seen = self._folders.get(folder)
        if seen is None:
            self._folders[folder] = _INSIDE
        elif seen == _INSIDE:
            self.passed_over[_CIRCLE] += 1
        elif seen:
            self.passed_over[_TWICE] += seen
        return seen is None

    def _children(self, folder: str) -> list[str]:
        """Paths of what is in a folder and is walked."""
        try:
            with os.scandir(folder) as entries:
                kinds = {entry.path: self._kind(entry) for entry in entries}
        except OSError as error:
            raise InputError(f"{error.filename} cannot be listed: {error.strerror}.") from error
        ends = {path: "/" if kind == "folder" else "" for path, kind in kinds.items() if kind}
        return sorted(ends, key=lambda path: os.fsencode(path + ends[path]))

    def _kind(self, entry: os.DirEntry[str]) -> str:
        """`file` or `folder`; empty for what is passed over."""
        try:
            mode = entry.stat().st_mode
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
                raise
            self.passed_over[_BROKEN] += 1
            return ""
        is_folder = stat.S_ISDIR(mode)
        reason = reason_for_name(entry.name, is_folder=is_folder)
        if not reason and not is_folder and not stat.S_ISREG(mode):
            reason = _SPECIAL
        if not reason and is_folder and is_result(entry.path):
            reason = _OURS
        if reason:
            self.passed_over[reason] += 1
            return ""
        return "folder" if is_folder else "file"

    def matches(self, root: str, paths: Iterable[Path], pattern: str) -> list[Found]:
        """The files that a glob has matched and that count; what it names literally is not passed over."""
        named = set(Path(pattern).parts)
        results: dict[str, bool] = {}
        found: list[Found] = []
        for path in paths:
            inside = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
            if not path.is_file() and not is_lance(str(path)):
                continue
            reason = _reason_inside(inside.as_posix(), named)
            # A circle of links makes many deep paths.
            folders = accumulate(inside.parts[:-1], "{}/{}".format) if "**" in named else []
            for folder in folders:
                if folder not in results:
                    results[folder] = is_result(str(Path(root) / folder))
                reason = reason or (_OURS if results[folder] else "")
            if reason:
                self.passed_over[reason] += 1
            elif self.takes(str(path)):
                found.append(_found(str(path), inside.as_posix(), path.stat()))
        return found

    def keys(self, names: Iterable[str], pattern: str, root: str) -> list[str]:
        """The names of keys of an object store, below a root, that are not passed over."""
        named = set(pattern.split("/"))
        kept, ours = list[str](), list[str]()
        for name in names:
            folder, _, last = name.rpartition("/")
            if name.endswith(f"/{MARKER}"):
                ours.append(name.removesuffix(MARKER))
            elif folder and last == RECORD and is_record(join(root, name)):
                ours.append(f"{folder}/")
        for name in names:
            if name.startswith(tuple(ours)):
                continue
            if reason := _reason_inside(name, named):
                self.passed_over[reason] += 1
            else:
                kept.append(name)
        if ours:
            self.passed_over[_OURS] += len(set(ours))
        return kept


def found_at(path: str) -> Found:
    """A file that was named itself."""
    return _found(path, Path(path).name, Path(path).stat())


def reason_for_name(name: str, *, is_folder: bool) -> str:
    """Why a file or folder of this name is passed over; empty if it is not."""
    if name.startswith("."):
        return _HIDDEN
    spark = name in _SPARK_FOLDERS if is_folder else name.startswith(_SPARK_FILES)
    return _SPARK if spark else ""


def is_result(folder: str) -> bool:
    """Whether a folder of this machine is the result of a run of ours."""
    return Path(folder, MARKER).exists() or (
        Path(folder, RECORD).is_file() and is_record(join(folder, RECORD))
    )


def is_record(path: str) -> bool:
    """Whether a file is what a run of ours says of itself."""
    try:
        data = read_bytes(path)
        record: Any = json.loads(data) if len(data) <= _MAX_RECORD_BYTES else None
    except (StorageError, ValueError, RecursionError):
        return False
    return isinstance(record, dict) and {"job", "version", "status"} <= record.keys()


def _reason_inside(name: str, named: set[str]) -> str:
    parts = name.split("/")
    for i, part in enumerate(parts):
        reason = reason_for_name(part, is_folder=i < len(parts) - 1)
        if reason and part not in named:
            return reason
    return ""


def _found(path: str, name: str, info: os.stat_result) -> Found:
    size, changed = size_and_change(path) if is_lance(path) else (info.st_size, info.st_mtime_ns)
    stamp = f"{size}:{changed}"
    return Found(path=path, size=size, stamp=stamp, name=name, key=_key(path, info))


def _key(path: str, info: os.stat_result) -> Key:
    # Some file systems have no inodes.
    return (info.st_dev, info.st_ino) if info.st_ino else path
