"""Fetch a published archive of recordings, and unpack those into a folder that is there once all of them are."""

import shutil
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from curator_engine.errors import DamagedFileError, InputError
from curator_engine.files import manifest
from curator_engine.files.fetch import FetchRules
from curator_engine.files.fetch_file import fetch_patiently
from curator_engine.files.output_folder import take
from curator_engine.files.storage import remove_tree, storage_errors, write_atomic
from curator_engine.files.tar_members import tar_members

LARGE = FetchRules(max_bytes=16 << 30, total_s=24 * 3600.0, retries=5)
"""The limits for an archive."""
UNFINISHED = ".unfinished"
"""Ending of the folder in which that happens, beside the one that it makes."""
_WAVS = "wavs"


class Unpacked(NamedTuple):
    """How many recordings an archive had, and how many could not be used."""

    recordings: int
    left_out: int


def fetch_recordings(url: str, folder: Path, *, rules: FetchRules = LARGE, job: str) -> Unpacked:
    """Fetch a tar, compressed or not, and write its WAV files into a new folder, each under its name alone.

    What was fetched when a run was stopped is gone on with. Of an archive that is cut off, what is whole counts.

    Args:
        url: Of the archive.
        folder: Where the recordings go; it must not be there.
        rules: The limits.
        job: Who does it, for the marker of the folder in which it happens.

    Raises:
        InputError: It cannot be fetched, or holds no recordings.
        StorageError: Something cannot be written, or the folder is there.

    Example:
        fetch_recordings("https://example.org/dev.tar.gz", Path("fleurs/dev"), job="fleurs")
    """
    scratch = folder.with_name(folder.name + UNFINISHED)
    with take(str(scratch), job=job):
        found = _unpacked(_archive(url, scratch, rules), scratch / _WAVS)
        if not found.recordings:
            raise InputError(f"{url} holds no .wav files; check the address.")
        with storage_errors(str(folder), "writing"):
            (scratch / _WAVS).rename(folder)
        remove_tree(str(scratch))
    shutil.rmtree(scratch / manifest.FOLDER, ignore_errors=True)
    with suppress(OSError):
        scratch.rmdir()
    return found


def fetch_list(url: str, path: Path, *, rules: FetchRules) -> None:
    """Fetch a small file beside the recordings.

    Raises:
        InputError: It cannot be fetched.
        StorageError: It cannot be written.
    """
    part = path.with_name(path.name + ".part")
    with storage_errors(str(path), "writing"):
        path.parent.mkdir(parents=True, exist_ok=True)
        _fetch(url, part, rules, path.parent)
        part.rename(path)


def _archive(url: str, folder: Path, rules: FetchRules) -> Path:
    """The fetched archive, which has its name once all of it is there."""
    archive, part = folder / "archive", folder / "archive.part"
    if archive.exists():
        return archive
    for path in (archive, part):
        manifest.note(str(path))
    with storage_errors(str(archive), "writing"):
        _fetch(url, part, rules, folder.parent)
        part.rename(archive)
    return archive


def _fetch(url: str, path: Path, rules: FetchRules, home: Path) -> None:
    fetched = fetch_patiently(url, path, rules)
    if fetched.reason:
        raise InputError(
            f"{url} cannot be fetched: {fetched.reason}. Run again, or fetch it elsewhere and unpack it "
            f"into {home}."
        )


def _unpacked(archive: Path, target: Path) -> Unpacked:
    names, left_out = set[str](), 0
    with suppress(DamagedFileError):
        for member in tar_members(str(archive)):
            name = PurePosixPath(member.name).name
            if not is_wav(name):
                continue
            if member.problem or name in names:
                left_out += 1
                continue
            names.add(name)
            write_atomic(str(target / name), member.data)
    return Unpacked(len(names), left_out)


def is_wav(name: str) -> bool:
    """Whether a file is called as a recording, and is none of those that systems hide."""
    return name.lower().endswith(".wav") and not name.startswith(".")
