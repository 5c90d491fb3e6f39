"""Files, here and on object stores: find them, read them, write them so that none is half-written.

Local paths use the operating system; anything with a scheme (`s3://`, `hf://`, ...) goes through
fsspec. What is in the files is not known here; cutting a stream at line borders is `blocks.py`'s.
"""

import hashlib
import io
import os
import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from curator_engine.errors import CuratorError, InputError, StorageError, UnreadableFileError
from curator_engine.trouble import is_of_files, of_storage, remedy

_REMOTE_BUFFER_BYTES = 1 << 20
_MAX_NAME_BYTES = 255
_UNFINISHED = re.compile(r".\.\d+\.curator\.tmp$")
"""What is being written: the name that it is to have, the process, and an ending that no one else uses."""


def is_remote(path: str) -> bool:
    """Whether the path is a URL that fsspec opens."""
    return "://" in path


def local_path(path: str) -> str:
    """The path, without the scheme that names this machine's files: /path for file:///path."""
    return path.removeprefix("file://") if path.startswith("file:///") else path


def join(path: str, *parts: str) -> str:
    """A path below another."""
    return "/".join([path.rstrip("/") or "/", *parts]) if parts else path


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
        if is_remote(path):
            yield from _put(path)
            return
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        scratch = unfinished(target)
        try:
            with scratch.open("wb") as file:
                yield file
            scratch.replace(target)
        except BaseException:
            with suppress(OSError):
                scratch.unlink()
            raise


def unfinished(target: Path) -> Path:
    """What a local file or folder is called until it is complete."""
    # The pid keeps a worker that was thought dead from writing into its successor's file.
    ending = f".{os.getpid()}.curator.tmp"
    name = os.fsencode(target.name)
    if len(name) + len(ending) > _MAX_NAME_BYTES:
        # A file that may be called so must not fail because of what it is called meanwhile.
        name = hashlib.blake2b(name, digest_size=16).hexdigest().encode()
    return target.with_name(os.fsdecode(name) + ending)


def remove_unfinished(folder: str) -> None:
    """Remove what a killed process was writing in a folder, or below it; object stores show none."""
    if is_remote(folder):
        return
    for root, folders, names in os.walk(folder):
        for name in filter(_UNFINISHED.search, folders):
            remove_tree(join(root, name))
        for name in filter(_UNFINISHED.search, names):
            remove(join(root, name))


def remove(path: str) -> None:
    """Remove a file; no error if it is gone already."""
    if is_remote(path):
        fs, name = file_system_of(path)
        with storage_errors(path, "removing"), suppress(FileNotFoundError):
            fs.rm_file(name)
        return
    Path(path).unlink(missing_ok=True)


def remove_tree(path: str) -> None:
    """Remove a folder and all in it; no error if it is gone already."""
    if is_remote(path):
        fs, name = file_system_of(path)
        with storage_errors(path, "removing"), suppress(FileNotFoundError):
            fs.rm(name, recursive=True)
        return
    shutil.rmtree(path, ignore_errors=True)


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


def file_system_of(path: str) -> tuple[Any, str]:
    """The file system of a URL and the path in it.

    Raises:
        InputError: The scheme needs a package that is not installed.
    """
    import fsspec

    try:
        options = {"auto_mkdir": True} if path.startswith(("file://", "local://")) else {}
        return fsspec.url_to_fs(path, **options)
    except (ImportError, ValueError) as error:
        scheme = path.partition("://")[0]
        raise InputError(
            f"{path}: {scheme}:// cannot be opened ({error}). Install its fsspec package."
        ) from error
