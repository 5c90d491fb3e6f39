"""Files, here and on object stores: find them, read them, write them so that none is half-written.

Local paths use the operating system; anything with a scheme (`s3://`, `hf://`, ...) goes through
fsspec. What is in the files is not known here; cutting a stream at line borders is `blocks.py`'s.
"""

import hashlib
import io
import os
import re
import shutil
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from curator_engine.errors import CuratorError, StorageError, UnreadableFileError
from curator_engine.files import manifest
from curator_engine.files.paths import file_system_of, is_remote, join
from curator_engine.trouble import is_of_files, of_storage, remedy

_REMOTE_BUFFER_BYTES = 1 << 20
_MAX_NAME_BYTES = 255
_UNFINISHED = re.compile(r"(?<=.)\.\d+\.curator\.tmp$")
"""What is being written: the name that it is to have, the process, and an ending that no one else uses."""


def exists(path: str) -> bool:
    """Whether a file or folder is there."""
    if is_remote(path):
        fs, name = file_system_of(path)
        with storage_errors(path, "looking for"):
            return bool(fs.exists(name))
    return Path(path).exists()


def list_names(folder: str) -> list[str]:
    """Names of the files directly in a folder, sorted; empty if it is absent."""
    return _list_entries(folder, kind="file")


def list_folders(folder: str) -> list[str]:
    """Names of the folders directly in a folder, sorted; empty if it is absent."""
    return _list_entries(folder, kind="directory")


def read_bytes(path: str) -> bytes:
    """The whole file.

    Raises:
        StorageError: It cannot be read.
    """
    with storage_errors(path, "reading"), open_read(path) as file:
        return file.read()


def open_read(path: str) -> BinaryIO:
    """Open a file for reading bytes, without decompression."""
    if is_remote(path):
        fs, name = file_system_of(path)
        # fsspec's files know no limit for `readline`.
        return io.BufferedReader(fs.open(name, "rb"), _REMOTE_BUFFER_BYTES)
    return Path(path).open("rb")


def write_atomic(path: str, data: bytes | memoryview) -> None:
    """Write a file so that it is there whole or not at all.

    Raises:
        StorageError: It cannot be written, as on a full disk.
    """
    with open_atomic(path) as file:
        file.write(data)


@contextmanager
def open_atomic(path: str) -> Generator[BinaryIO]:
    """Open a file for writing; it takes its place when the block ends, and leaves nothing if it fails.

    Raises:
        StorageError: It cannot be written, as on a full disk.
    """
    with storage_errors(path, "writing"):
        manifest.note(path)
        if is_remote(path):
            yield from _put(path)
            return
        # Called for each of many small files: pathlib would take as long as the system.
        scratch = _unfinished(path)
        try:
            with _create(scratch) as file:
                yield file
            os.replace(scratch, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(scratch)
            raise


def link_or_copy(source: str, path: str) -> None:
    """Give a file of ours a second name, which takes no room on disk; copy it where that cannot be done.

    Args:
        source: The file; it is replaced as a whole or not at all, so that neither name changes the other.
        path: The other name.

    Raises:
        StorageError: It cannot be written.
    """
    if not is_remote(source) and not is_remote(path):
        manifest.note(path)
        scratch = _unfinished(path)
        with suppress(OSError):
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.link(source, scratch)
            os.replace(scratch, path)
            # Two names of one file stay as they are when one is to replace the other.
            with suppress(FileNotFoundError):
                os.unlink(scratch)
            return
    with storage_errors(source, "reading"), open_read(source) as file, open_atomic(path) as copy:
        shutil.copyfileobj(file, copy, _REMOTE_BUFFER_BYTES)


def _create(path: str) -> BinaryIO:
    """Open a new file, and make its folder if that is not there."""
    try:
        return open(path, "wb")
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return open(path, "wb")


def unfinished(target: Path) -> Path:
    """What a local file or folder is called until it is complete."""
    return Path(_unfinished(str(target)))


def _unfinished(path: str) -> str:
    # The pid keeps a worker that was thought dead from writing into its successor's file.
    ending = f".{os.getpid()}.curator.tmp"
    folder, name = os.path.split(path)
    if len(os.fsencode(name)) + len(ending) > _MAX_NAME_BYTES:
        # A file that may be called so must not fail because of what it is called meanwhile.
        name = _short_name(name)
    return os.path.join(folder, name + ending)


def without_mark(name: str) -> str:
    """What a file is called when it is whole, given its name while it is written."""
    return _UNFINISHED.sub("", name)


def _short_name(name: str) -> str:
    return hashlib.blake2b(os.fsencode(name), digest_size=16).hexdigest()


def remove_unfinished(folder: str) -> None:
    """Remove what a killed process was writing in a folder of ours, or below it; object stores show none.

    Only what was to become a file or folder in the manifest is removed.
    """
    if is_remote(folder):
        return
    for root, folders, names in os.walk(folder):
        for name in filter(_UNFINISHED.search, [*folders, *names]):
            place = Path(join(root, name))
            if not _is_half_of_ours(root, _UNFINISHED.sub("", name)):
                continue
            if name in folders:
                shutil.rmtree(place, ignore_errors=True)
            else:
                place.unlink(missing_ok=True)


def _is_half_of_ours(folder: str, name: str) -> bool:
    """Whether a file of ours has this name, or a name that is too long for a half file and is shortened to it."""
    if manifest.is_made(join(folder, name)):
        return True
    made = (os.path.basename(path.rstrip("/")) for path in manifest.made_below(folder))
    return len(name) == 32 and any(_short_name(each) == name for each in made)


def remove(path: str) -> None:
    """Remove a file that we made; one that we did not make stays.

    Raises:
        StorageError: It lies in no folder of ours, or cannot be removed.
    """
    with storage_errors(path, "removing"):
        if not manifest.is_made(path):
            _refuse_outside(path)
        elif is_remote(path):
            fs, name = file_system_of(path)
            with suppress(FileNotFoundError):
                fs.rm_file(name)
        else:
            Path(path).unlink(missing_ok=True)


def remove_others(folder: str, kept: Collection[str], *, deep: bool = False) -> None:
    """Remove the files of a folder, but those at these paths, as the parts of a killed run that nothing stands for.

    Args:
        folder: The folder.
        kept: Paths of the files that stay.
        deep: Also those of the folders in it.
    """
    for name in list_names(folder):
        if join(folder, name) not in kept:
            remove(join(folder, name))
    for name in list_folders(folder) if deep else ():
        remove_others(join(folder, name), kept, deep=True)


def remove_tree(path: str) -> None:
    """Remove what we made in a folder, and the folders that are empty then; all else stays.

    Raises:
        StorageError: It lies in no folder of ours, or something cannot be removed.
    """
    with storage_errors(path, "removing"):
        _refuse_outside(path)
        made = list(manifest.made_below(path))
        if is_remote(path):
            fs, _ = file_system_of(path)
            there = [name for name in made if fs.exists(name)]
            if there:
                fs.rm([file_system_of(name)[1] for name in there])
            return
        for name in made:
            if name.endswith("/"):
                shutil.rmtree(name, ignore_errors=True)
            else:
                Path(name).unlink(missing_ok=True)
        _remove_empty(path, made)


def _refuse_outside(path: str) -> None:
    if manifest.root_of(path) is None and exists(path):
        raise StorageError(f"{path} lies in no folder of ours, so it is not removed.")


def _remove_empty(path: str, made: list[str]) -> None:
    """Remove the folders between `path` and the files that are gone, if nothing is in them."""
    top = os.path.abspath(path)
    folders = {top}
    for name in made:
        above = os.path.dirname(name.rstrip("/"))
        while above not in folders and above.startswith(f"{top}/"):
            folders.add(above)
            above = os.path.dirname(above)
    for folder in sorted(folders, key=len, reverse=True):
        with suppress(OSError):
            Path(folder).rmdir()


@contextmanager
def storage_errors(path: str, doing: str) -> Generator[None]:
    """Turn errors of the operating system and of remote storage into one line.

    For files of our own and for whatever is written; for the input see `input_errors`.

    Args:
        path: What is read or written.
        doing: "reading" or "writing".

    Raises:
        StorageError: Instead of such an error.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, CuratorError) or not is_of_files(error):
            raise
        raise StorageError(_explain(error, path, doing)) from error


@contextmanager
def input_errors(path: str) -> Generator[None]:
    """The same while a file of the input is read: it is told whose trouble it is.

    Raises:
        StorageError: The environment fails, as a lost connection: the file is not to blame.
        UnreadableFileError: This file may not or cannot be read, as others may.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, CuratorError) or not is_of_files(error):
            raise
        if of_storage(error):
            raise StorageError(_explain(error, path, "reading")) from error
        raise UnreadableFileError(f"{_reason(error)} while reading {path}.") from error


def _explain(error: Exception, path: str, doing: str) -> str:
    again = "run again" if doing == "listing" else "run again with --resume"
    trouble = of_storage(error)
    if trouble is None:
        return f"{_reason(error)} while {doing} {path}; mend that and {again}."
    return f"{trouble} while {doing} {path}; {remedy(trouble)} and {again}."


def _reason(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return strerror or " ".join(str(error).split()) or type(error).__name__


def _list_entries(folder: str, *, kind: str) -> list[str]:
    if is_remote(folder):
        fs, name = file_system_of(folder)
        with storage_errors(folder, "listing"), suppress(FileNotFoundError):
            # Listings are cached by fsspec; markers are written behind its back by other processes.
            fs.invalidate_cache()
            entries = fs.ls(name, detail=True)
            names = [
                each["name"].rstrip("/").rpartition("/")[2]
                for each in entries
                if each["type"] == kind
            ]
            return sorted(each for each in names if each)
        return []
    try:
        with os.scandir(folder) as entries:
            return sorted(
                e.name for e in entries if (e.is_file() if kind == "file" else e.is_dir())
            )
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        raise StorageError(
            f"{folder} is a file, or lies below one; choose another folder."
        ) from None


def _put(path: str) -> Iterator[BinaryIO]:
    """An object store shows an object only when it is complete, so put it in one go."""
    fs, name = file_system_of(path)
    buffer = io.BytesIO()
    yield buffer
    fs.pipe_file(name, buffer.getvalue())
