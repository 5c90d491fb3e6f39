"""The manifest of a folder of ours: a marker, and the names of the files that we made there.

    .curator/marker.json    the folder is ours: which job made it, with which version
    .curator/made/*.txt     a JSON string per line: a name below the folder; with "/" at its end, all below it

A name is noted before its file is written, so a killed process leaves no file of ours that is not
known. Each process notes in a list of its own, since appending to one is not safe on every file system.
Who may take a folder is `output_folder.py`'s to know.
"""

import json
import os
import platform
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from curator_engine.errors import StorageError
from curator_engine.files.paths import file_system_of, is_remote, join

FOLDER = ".curator"
_MARKER = "marker.json"
_MADE = "made"
_NAMES_PER_OBJECT = 500
"""Names in one list on an object store, which must be written again for each name."""
_KNOWN_SECONDS = 60.0
"""How long a process believes what it has learned about a folder on an object store."""


def marker_file(root: str) -> str:
    """The file by which a folder is known as ours."""
    return join(root, FOLDER, _MARKER)


def read_marker(root: str) -> dict[str, Any] | None:
    """What the marker of a folder says, {} if it is damaged, None if there is none."""
    try:
        record = json.loads(_read(marker_file(root)))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def root_of(path: str) -> str | None:
    """The folder of ours in which a path lies, or that it is; None if there is none."""
    if is_remote(path):
        return _remote_root(path.rstrip("/"))
    place = os.path.abspath(path)
    while not os.path.lexists(f"{place}/{FOLDER}/{_MARKER}"):
        above = os.path.dirname(place)
        if above == place:
            return None
        place = above
    return place


def note(path: str) -> None:
    """Note a file in the manifest of the folder of ours in which it lies, before it is written.

    Raises:
        StorageError: A file that we did not make has this name.
    """
    root = root_of(path)
    if root is None:
        return
    name = _name_in(root, path)
    if name.startswith(f"{FOLDER}/"):
        return
    if is_remote(root):
        _note_remote(root, name, path)
    elif not os.path.lexists(path):
        _append(root, name)
    elif not is_made(path):
        raise _foreign(path, root)


def note_folder(path: str) -> None:
    """Note a local folder of which all that will ever be in it is ours, before it is made.

    Raises:
        StorageError: There is such a folder already, and we did not make it.
    """
    root = root_of(path)
    if root is None:
        return
    if not os.path.lexists(path):
        _append(root, f"{_name_in(root, path)}/")
    elif not is_made(path):
        raise _foreign(path, root)


def is_made(path: str) -> bool:
    """Whether the manifest of the folder in which it lies has this file, or a folder around it."""
    root = root_of(path)
    if root is None:
        return False
    names, name = _load(root).names, _name_in(root, path)
    return name in names or any(
        f"{name[:i]}/" in names for i, letter in enumerate(f"{name}/") if letter == "/"
    )


def made_below(path: str) -> Iterator[str]:
    """The names in the manifest that are `path` or lie below it, as paths; those of folders end in "/"."""
    root = root_of(path)
    if root is None:
        return
    head = _name_in(root, path)
    for name in sorted(_load(root).names):
        if not head or name.rstrip("/") == head or name.startswith(f"{head}/"):
            yield join(root, name)


def made_in(folder: str) -> list[str]:
    """The files that we made below a folder, as paths that begin as the folder's does."""
    top = (root_of(folder) or "").rstrip("/")
    head = _name_in(top, folder) if top else ""
    whole = f"{top}/{head}".rstrip("/")
    return [join(folder, path[len(whole) + 1 :]) for path in made_below(folder) if path != whole]


def rewrite(root: str, names: Iterable[str]) -> None:
    """Make the manifest of these names below the root, in place of what it was; for who holds the lock."""
    old = list(_lists(root))
    text = "".join(f"{json.dumps(name)}\n" for name in sorted(names)).encode()
    if text:
        _write(join(root, FOLDER, _MADE, f"{uuid4().hex}.txt"), text)
    for each in old:
        _unlink(join(root, FOLDER, _MADE, each))
    _cache.pop(root, None)


def keep_existing(root: str) -> None:
    """Leave names out of the manifest whose files are gone, so that none of them is taken for ours later."""
    there = _remote_names(root) if is_remote(root) else None
    names = _load(root).names
    if there is None:
        rewrite(root, [name for name in names if os.path.lexists(f"{root}/{name}")])
    else:
        rewrite(root, [name for name in names if name in there])


def foreign_names(root: str) -> Iterator[str]:
    """Files below a folder that its manifest does not have, as names; nothing of `.curator`."""
    names = _load(root).names
    if is_remote(root):
        yield from (each for each in _remote_names(root) if each not in names)
        return
    for folder, folders, files in os.walk(root):
        below = os.path.relpath(folder, root)
        head = "" if below == "." else f"{below}/"
        folders[:] = [
            each
            for each in folders
            # Another folder of ours, such as a cache, has a manifest of its own.
            if each != FOLDER
            and f"{head}{each}/" not in names
            and not os.path.lexists(marker_file(join(folder, each)))
        ]
        links = [each for each in folders if Path(join(folder, each)).is_symlink()]
        yield from (head + each for each in [*files, *links] if head + each not in names)


def names_below(root: str) -> Iterator[str]:
    """All files below a folder, as names; nothing of `.curator`."""
    if is_remote(root):
        yield from _remote_names(root)
        return
    for folder, folders, files in os.walk(root):
        folders[:] = [each for each in folders if each != FOLDER]
        below = os.path.relpath(folder, root)
        yield from (each if below == "." else f"{below}/{each}" for each in files)


@dataclass
class _Known:
    """What a process has read of a manifest."""

    names: set[str] = field(default_factory=set[str])
    read: dict[str, int] = field(default_factory=dict[str, int])
    """Bytes that were read of each list."""


_cache: dict[str, _Known] = {}
_remote_markers: dict[str, tuple[float, dict[str, Any] | None]] = {}
_remote_lists: dict[str, tuple[str, list[str]]] = {}


def forget_remote(root: str) -> None:
    """Ask an object store again whether this folder is ours."""
    for known in [each for each in _remote_markers if f"{root}/".startswith(f"{each}/")]:
        del _remote_markers[known]
    _remote_lists.pop(root, None)
    _cache.pop(root, None)


def _load(root: str) -> _Known:
    """The names of a manifest; what was read before is not read again."""
    lists = _lists(root)
    known = _cache.get(root, _Known())
    if any(lists.get(each, -1) < size for each, size in known.read.items()):
        known = _Known()
    for each, size in lists.items():
        start = known.read.get(each, 0)
        if size > start:
            data = _read(join(root, FOLDER, _MADE, each), 0 if is_remote(root) else start)
            known.names.update(_names(data))
            known.read[each] = size
    _cache[root] = known
    return known


def _names(data: bytes) -> Iterator[str]:
    for line in data.split(b"\n"):
        # A line that a full disk has cut off names no file: its file was not begun.
        with suppress(ValueError):
            if line:
                yield json.loads(line)


def _append(root: str, name: str) -> None:
    path = f"{root}/{FOLDER}/{_MADE}/{_process()}.txt"
    # The line end before the name parts it from a line that a full disk has cut off.
    line = f"\n{json.dumps(name)}\n".encode()
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    except FileNotFoundError:
        Path(os.path.dirname(path)).mkdir(exist_ok=True, parents=True)
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        if os.write(file, line) < len(line):
            raise OSError(28, "No space left on device", path)
    finally:
        os.close(file)


def _note_remote(root: str, name: str, path: str) -> None:
    """Note a name in an object of this process's own, which grows up to a number of names."""
    marker = _remote_marker(root) or {}
    fs, place = file_system_of(path)
    if marker.get("foreign", True) and fs.exists(place):
        if not is_made(path):
            raise _foreign(path, root)
        return
    file, names = _remote_lists.get(root, ("", []))
    if name in names:
        return
    if not file or len(names) >= _NAMES_PER_OBJECT:
        file, names = f"{_process()}-{uuid4().hex[:8]}.txt", []
    names.append(name)
    _write(join(root, FOLDER, _MADE, file), "".join(f"{json.dumps(n)}\n" for n in names).encode())
    _remote_lists[root] = (file, names)


def _remote_root(path: str) -> str | None:
    head, _, rest = path.partition("://")
    parts = rest.split("/")
    for count in range(len(parts), 0, -1):
        root = f"{head}://{'/'.join(parts[:count])}"
        if _remote_marker(root) is not None:
            return root
    return None


def _remote_marker(root: str) -> dict[str, Any] | None:
    at, marker = _remote_markers.get(root, (0.0, None))
    if not at or (marker is None and time.monotonic() - at > _KNOWN_SECONDS):
        marker = read_marker(root)
        _remote_markers[root] = (time.monotonic(), marker)
    return marker


def _remote_names(root: str) -> set[str]:
    fs, place = file_system_of(root)
    fs.invalidate_cache()
    found = [each.removeprefix(place).lstrip("/") for each in fs.find(place)]
    return {each for each in found if not each.startswith(f"{FOLDER}/")}


def _lists(root: str) -> dict[str, int]:
    """The lists of a manifest and their sizes."""
    folder = join(root, FOLDER, _MADE)
    if is_remote(root):
        fs, place = file_system_of(folder)
        fs.invalidate_cache()
        with suppress(FileNotFoundError):
            entries = fs.ls(place, detail=True)
            return {e["name"].rpartition("/")[2]: e["size"] for e in entries if e["type"] == "file"}
        return {}
    try:
        with os.scandir(folder) as entries:
            return {e.name: e.stat().st_size for e in entries if e.name.endswith(".txt")}
    except FileNotFoundError:
        return {}


def _name_in(root: str, path: str) -> str:
    full = path if is_remote(path) else os.path.abspath(path)
    return full.rstrip("/").removeprefix(root).lstrip("/")


def _process() -> str:
    """A name for this process that no other process on a shared disk has."""
    return f"{re.sub(r'[^A-Za-z0-9.-]', '-', platform.node())}-{os.getpid()}"


def _foreign(path: str, root: str) -> StorageError:
    return StorageError(
        f"{path} is there and was not made by a run in {root}; move it away, or choose another output."
    )


def _read(path: str, start: int = 0) -> bytes:
    if is_remote(path):
        fs, place = file_system_of(path)
        return fs.cat_file(place)
    with Path(path).open("rb") as file:
        file.seek(start)
        return file.read()


def _write(path: str, data: bytes) -> None:
    if is_remote(path):
        fs, place = file_system_of(path)
        fs.pipe_file(place, data)
        return
    Path(os.path.dirname(path)).mkdir(exist_ok=True, parents=True)
    Path(path).write_bytes(data)


def _unlink(path: str) -> None:
    if is_remote(path):
        fs, place = file_system_of(path)
        with suppress(FileNotFoundError):
            fs.rm_file(place)
        return
    Path(path).unlink(missing_ok=True)
