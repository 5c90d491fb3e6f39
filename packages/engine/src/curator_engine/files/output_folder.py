"""The output folder of a run: it is ours, or it is not touched.

`take` is what every command, workflow and writer calls before it writes. It knows a folder of ours by
its marker, keeps two runs apart by a lock, and refuses a folder that holds or is a part of the input.
What we made there is in the manifest (`manifest.py`), and nothing else is ever removed.
"""

import errno
import fcntl
import json
import os
import platform
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self
from uuid import uuid4

from curator_engine.counted import counted
from curator_engine.errors import InputError
from curator_engine.files import manifest
from curator_engine.files.earlier import Adopt
from curator_engine.files.lease import Lease
from curator_engine.files.paths import file_system_of, is_remote, join
from curator_engine.files.storage import remove_tree, remove_unfinished, storage_errors

type Mode = Literal["new", "resume", "overwrite", "continue", "share"]
"""new: absent or empty. resume: a run of ours goes on. overwrite: what a run of ours made is removed.
continue: new or resume, as workflows in Python. share: any folder; what others put there stays."""
_GIVING_BACK_SECONDS = 2.0
_NO_LOCKS = {errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL}
_held: dict[str, "OutputFolder"] = {}
"""Folders that this process has taken, by their resolved path."""


@dataclass(kw_only=True)
class OutputFolder:
    """A folder that this process has taken; use it as a context, or `close` it."""

    path: str
    said: list[str] = field(default_factory=list[str])
    """Lines that a person wants to know: what was adopted, replaced or taken over."""
    is_new: bool = False
    """Whether nothing of an earlier run was there."""
    _key: str = ""
    _mode: Mode = "new"
    _owner: int = 0
    _uses: int = 1
    _marker: BinaryIO | None = None
    """Of a local folder, the open marker that is locked."""
    _open: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder back; names whose files are gone leave the manifest."""
        self._uses -= 1
        if self._uses or self._key not in _held:
            return
        del _held[self._key]
        # On a full disk the old manifest stays, which knows the same files and more.
        with self._open, suppress(OSError):
            if self._mode == "share":
                if self._is_alone():
                    manifest.keep_existing(self._key)
            else:
                remove_unfinished(self._key)
                manifest.keep_existing(self._key)
                if self.is_new and not is_remote(self._key):
                    _leave_no_trace(self._key)

    def _is_alone(self) -> bool:
        """Whether no one else shares the folder, and no one can until it is given back."""
        if self._marker is None:
            return False
        try:
            fcntl.flock(self._marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True


def take(
    path: str,
    *,
    job: str,
    version: str = "",
    mode: Mode = "continue",
    inputs: Sequence[str] = (),
    adopt: Adopt | None = None,
) -> OutputFolder:
    """Take a folder for a run, and make it ours if it is new.

    A folder that this process has taken already, or one below it, is given once more.

    Args:
        path: The folder, local or remote; it need not exist.
        job: The job that writes into it, as it stands in `run.json`.
        version: The version of the app.
        mode: What may be there; see `Mode`.
        inputs: Files, as they were listed, and folders that are read.
        adopt: Knows what earlier versions wrote, which had no marker.

    Raises:
        InputError: It is a file, it is not ours, it overlaps the input, or another run has it.
        StorageError: It cannot be written.

    Example:
        >>> with take("out", job="fuzzy", inputs=["corpus/a.jsonl"]) as folder:
        ...     write_atomic("out/run.json", b"{}")
    """
    refuse_overlap(path, inputs)
    key = _resolved(path)
    held = _holder_of(key)
    if held is not None:
        if held._owner != threading.get_ident() and not held._mode == mode == "share":
            raise _busy(path, f"thread {held._owner} of this process")
        held._uses += 1
        return held
    if not is_remote(key) and os.path.lexists(key) and not Path(key).is_dir():
        raise InputError(f"{path} is a file; choose another output folder.")
    with storage_errors(path, "listing"):
        manifest.forget_remote(key)
        marker = manifest.read_marker(key)
        folder = OutputFolder(path=path, _key=key, _mode=mode, _owner=threading.get_ident())
        names = [] if marker is not None else _adopted(folder, job, mode, adopt)
        _check_mode(folder, job, mode, marker)
    with storage_errors(path, "writing"), ExitStack() as stack:
        folder.is_new = marker is None and not names
        earlier = (
            uuid4().hex if folder.is_new or mode == "overwrite" else (marker or {}).get("id", "")
        )
        _lock(folder, stack, {"job": job, "version": version, "id": earlier})
        if names:
            manifest.rewrite(key, names)
        if mode == "overwrite":
            _empty(folder)
        if is_remote(key):
            _say_whether_foreign(key, folder)
        folder._open = stack.pop_all()
    _held[key] = folder
    return folder


def refuse_overlap(path: str, inputs: Sequence[str]) -> None:
    """Make sure that the output is no part of the input, and the input no part of the output.

    Args:
        path: The output folder.
        inputs: Files as they were listed, and folders that are read to the bottom.

    Raises:
        InputError: They overlap, also by way of links.
    """
    out = _resolved(path)
    seen: set[str] = set()
    for each in inputs:
        # Of the files of one folder, the folder is resolved once.
        real = _resolved_file(each, seen)
        if real is None:
            continue
        inside = real == out or real.startswith(f"{out.rstrip('/')}/")
        around = out.startswith(f"{real.rstrip('/')}/") and not _is_file(real)
        if inside or around:
            raise InputError(
                f"the output {path} and the input {each} overlap; choose another output folder."
            )


def _leave_no_trace(key: str) -> None:
    """Remove the marker of a run that made nothing, and the folder if it is empty then."""
    if any(True for _ in manifest.made_below(key)):
        return
    shutil.rmtree(join(key, manifest.FOLDER), ignore_errors=True)
    with suppress(OSError):
        Path(key).rmdir()


def folder_id(path: str) -> str:
    """What tells the folder of ours in which a path lies from one that was made, or emptied, later.

    A folder that was adopted from an earlier version has none.
    """
    root = manifest.root_of(path)
    return str((manifest.read_marker(root) or {}).get("id", "")) if root else ""


def is_held(path: str) -> bool:
    """Whether this process has taken the folder, or one around it."""
    return _holder_of(_resolved(path)) is not None


def _resolved_file(path: str, seen: set[str]) -> str | None:
    """The path without links; None for another file of a folder that was looked at, if no link."""
    if is_remote(path):
        return _resolved(path)
    folder = str(Path(path).parent)
    if folder in seen and not Path(path).is_symlink():
        return None
    if not Path(path).is_dir() and not Path(path).is_symlink():
        seen.add(folder)
    return os.path.realpath(path)


def _is_file(path: str) -> bool:
    if is_remote(path):
        fs, name = file_system_of(path)
        return bool(fs.isfile(name))
    return Path(path).is_file()


def _resolved(path: str) -> str:
    """The one name of a folder: without links, or as the object store's file system writes it."""
    if not is_remote(path):
        return os.path.realpath(path)
    fs, name = file_system_of(path)
    if path.startswith(("file://", "local://")):
        return os.path.realpath(name)
    return (
        f"{path.partition('://')[0]}://{name.rstrip('/')}" if name else str(fs.unstrip_protocol(""))
    )


def _holder_of(key: str) -> OutputFolder | None:
    """What this process holds of the folder: itself, or one around it."""
    for held, folder in _held.items():
        if f"{key}/".startswith(f"{held.rstrip('/')}/"):
            return folder
    return None


def _check_mode(
    folder: OutputFolder, job: str, mode: Mode, marker: Mapping[str, Any] | None
) -> None:
    path = folder.path
    if marker is None and not folder.said:
        if mode != "share" and _anything_in(folder._key):
            raise InputError(
                f"{path} is not empty and is not the folder of a run, so nothing in it is touched; "
                "choose another output folder."
            )
        return
    if mode == "new":
        raise InputError(
            f"{path} is not empty; use --resume to go on, --overwrite to replace it, or another -o."
        )
    earlier = (marker or {}).get("job", job)
    if mode in ("resume", "continue") and earlier != job:
        raise InputError(
            f"{path} holds a run of another job ({earlier}); choose another output folder."
        )
    if mode == "overwrite" and earlier != job:
        folder.said.append(f"the result of {earlier} in {path} is replaced")


def _anything_in(key: str) -> bool:
    if not is_remote(key):
        try:
            with os.scandir(key) as entries:
                return any(entry.name != manifest.FOLDER for entry in entries)
        except FileNotFoundError:
            return False
    fs, name = file_system_of(key)
    fs.invalidate_cache()
    try:
        return any(each.rstrip("/") != name.rstrip("/") for each in fs.ls(name, detail=False))
    except FileNotFoundError:
        return False


def _adopted(folder: OutputFolder, job: str, mode: Mode, adopt: Adopt | None) -> list[str]:
    """What an earlier version of ours wrote in a folder without a marker; [] if it is no such folder."""
    earlier = adopt(folder._key) if adopt is not None and mode != "share" else None
    if earlier is None:
        return []
    if mode in ("resume", "continue") and earlier.job != job:
        raise InputError(
            f"{folder.path} holds a run of another job ({earlier.job}); choose another output folder."
        )
    folder.said.append(
        f"{folder.path} is of version {earlier.version}, which kept no manifest: {len(earlier.names):,} "
        "files that it wrote there are taken for ours"
    )
    return earlier.names


def _lock(folder: OutputFolder, stack: ExitStack, about: Mapping[str, str]) -> None:
    """Keep other runs out, and write the marker."""
    record = {
        **about,
        "pid": os.getpid(),
        "host": platform.node(),
        "since": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
    }
    path = manifest.marker_file(folder._key)
    if is_remote(path):
        _lease(folder, stack)
        fs, name = file_system_of(path)
        fs.pipe_file(name, json.dumps(record).encode())
        manifest.forget_remote(folder._key)
        return
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = stack.enter_context(os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b"))
    try:
        _flock(file, shared=folder._mode == "share")
        folder._marker = file
    except BlockingIOError:
        holder = manifest.read_marker(folder._key) or {}
        raise _busy(
            folder.path, f"process {holder.get('pid', '?')} on {holder.get('host', '?')}"
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        _lease(folder, stack)
    if folder._mode == "share" and file.read(1):
        # Others share it and know it by what the first of them wrote.
        return
    file.seek(0)
    file.truncate()
    file.write(json.dumps(record).encode())
    file.flush()


def _flock(file: BinaryIO, *, shared: bool) -> None:
    """Lock the marker; who shares it waits a moment for one that is just giving it back.

    Raises:
        OSError: Another has it, or there are no locks here.
    """
    until = time.monotonic() + _GIVING_BACK_SECONDS
    while True:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            if not shared or time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


def _lease(folder: OutputFolder, stack: ExitStack) -> None:
    if folder._mode == "share":
        return
    lease = Lease(join(folder._key, manifest.FOLDER, "lease.json"), folder.path)
    stack.callback(lease.release)
    if lease.taken_over:
        folder.said.append(f"{folder.path} is taken over from a run that died: {lease.taken_over}")


def _empty(folder: OutputFolder) -> None:
    """Remove what we made; what others put there stays and is said."""
    remove_tree(folder._key)
    manifest.rewrite(folder._key, [])
    left = [name for name, _ in zip(manifest.foreign_names(folder._key), range(1000), strict=False)]
    if left:
        folder.said.append(
            f"{counted(len(left), 'files')} in {folder.path} were not made by us and stay, such as {left[0]}"
        )


def _say_whether_foreign(key: str, folder: OutputFolder) -> None:
    """Note in the marker whether writers must look before they write: a look costs a request."""
    foreign = folder._mode == "share" or any(True for _ in manifest.foreign_names(key))
    record = {**(manifest.read_marker(key) or {}), "foreign": foreign}
    fs, name = file_system_of(manifest.marker_file(key))
    fs.pipe_file(name, json.dumps(record).encode())
    manifest.forget_remote(key)


def _busy(path: str, who: str) -> InputError:
    return InputError(
        f"another run, {who}, is writing into {path}; wait until it ends, or choose another output folder."
    )
