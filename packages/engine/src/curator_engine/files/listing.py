"""Find the input files: in folders, by globs, behind URLs.

What is in them is known from `formats.py` only. Walking a folder is `walk.py`'s.
"""

import glob
import mimetypes
import os
import posixpath
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from curator_engine.errors import InputError, StorageError
from curator_engine.files.formats import (
    CONVERTED,
    FORMATS,
    PROSE_EXTENSIONS,
    ROWS,
    ending_of,
    format_by_ending,
    is_named_text,
    look,
)
from curator_engine.files.lance_datasets import is_lance
from curator_engine.files.mixed_folders import first_format, name_in_data
from curator_engine.files.paths import file_system_of, is_remote, local_path, utf8_name
from curator_engine.files.storage import storage_errors
from curator_engine.files.walk import Found, Walk, found_at

_STREAMS = re.compile(r"-|/dev/stdin|(/dev|/proc/[^/]+)/fd/\d+")
_TEXT = PROSE_EXTENSIONS
SIDECARS = (".txt", ".caption", ".json")
"""Endings of files beside a loose picture of this machine that hold its caption or facts, and are read with it."""
_TYPES = mimetypes.MimeTypes(filenames=())


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


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The input files, and what was passed over."""

    files: list[FileInfo]
    passed_over: dict[str, int]
    """Files or folders by reason: an ending such as ".txt", or words such as "hidden"."""
    other_format: str = ""
    """The format that some of the passed over have though their endings do not say so."""
    whole: Sequence[FileInfo] = ()
    """All files of the input, where `files` is one shard of them."""
    first: int = 0
    """Where the shard's files begin in the whole."""
    kept: Sequence[str] = ()
    """Folders that were read in place of the folders of runs in which they lie."""

    @property
    def note(self) -> str | None:
        """A line that says what was read of runs and what was passed over, if there is any."""
        read = [f"read of runs: {', '.join(self.kept)}"] if self.kept else []
        return "; ".join([*read, *self._passed_over()]) or None

    def _passed_over(self) -> list[str]:
        if not self.passed_over:
            return []
        counts = ", ".join(f"{count:,} {reason}" for reason, count in self.passed_over.items())
        hint = f"; --format {self.other_format} takes more" if self.other_format else ""
        return [f"passed over: {counts}{hint}"]


def list_files(
    inputs: Sequence[str], *, extensions: Sequence[str], allow_empty: bool = False
) -> list[FileInfo]:
    """As `find_files`, by endings only: the files alone."""
    return find_files(inputs, extensions=extensions, allow_empty=allow_empty).files


def check_unchanged(path: str, stamp: str) -> None:
    """Make sure that a file is as it was listed; with an empty stamp that is not known.

    Raises:
        InputError: It is gone, or has another size, time of change or etag.
    """
    if not stamp:
        return
    try:
        now = stamp_of(path)
    except FileNotFoundError:
        raise InputError(f"{path} is gone since the run began; run again.") from None
    if now != stamp:
        raise InputError(f"{path} has changed during the run; run again.")


def stamp_of(path: str) -> str:
    """What changes when the content of a file does, as `FileInfo.stamp`.

    Raises:
        FileNotFoundError: The file is not there.
    """
    found = list_files([path], extensions=[""])[0] if is_remote(path) else found_at(path)
    return found.stamp


def find_files(
    inputs: Sequence[str],
    *,
    formats: Sequence[str] = (),
    extensions: Sequence[str] | None = None,
    forced: bool = False,
    allow_empty: bool = False,
) -> Listing:
    """The input files: in the order of the arguments, then of the path's bytes, each once.

    Of a folder or glob with rows in several formats, those are taken that `mixed_folders.py` puts
    first. Links are followed; a file that is reached twice (by a link, or by two arguments) is taken under
    its first name. Hidden files, what Spark has not finished, and results of our own runs inside an
    input are passed over.

    Args:
        inputs: Files, folders (searched all the way down), globs, URLs.
        formats: Of `FORMATS`, and text, that count, by a file's ending, else by its first bytes.
        extensions: Endings that count inside folders and globs, such as ".jsonl", instead of
            formats; a file that is named itself is taken whatever its ending.
        forced: The person has named the formats: look into files whose endings say otherwise.
        allow_empty: Take a folder or glob without files for nothing instead of an error.

    Raises:
        InputError: A path is missing or a pipe, or nothing matches.
    """
    choice = _Choice(
        tuple(formats), None if extensions is None else tuple(e.lower() for e in extensions), forced
    )
    walk = Walk(takes=choice.takes)
    found: list[Found] = []
    for argument in map(local_path, inputs):
        find = _find_remote if is_remote(argument) else _find_local
        twice = walk.twice
        met = choice.one_format(argument, find(argument, walk, choice))
        if met is None and walk.twice == twice and not allow_empty:
            raise _nothing_found(_listing(choice, walk, []), choice, argument)
        found += walk.first_names(met or [])
    choice.with_sidecars(found)
    listing = _listing(choice, walk, _named(found, converts=extensions is None))
    if not found and not allow_empty:
        raise _nothing_found(listing, choice, ", ".join(inputs))
    return listing


def _nothing_found(listing: Listing, choice: "_Choice", where: str) -> InputError:
    note = f" ({listing.note})" if listing.note else ""
    return InputError(f"no files ending in {choice} in {where}{note}; check the path.")


def _listing(choice: "_Choice", walk: Walk, files: list[FileInfo]) -> Listing:
    passed_over = dict(sorted((choice.passed_over + walk.passed_over).items(), key=_by_kind))
    return Listing(files=files, passed_over=passed_over, other_format=choice.other_format())


def _by_kind(entry: tuple[str, int]) -> tuple[bool, int, str]:
    """Endings first, the most frequent first."""
    return not entry[0].startswith("."), -entry[1], entry[0]


@dataclass
class _Choice:
    """Which files count."""

    formats: tuple[str, ...]
    extensions: tuple[str, ...] | None
    forced: bool
    passed_over: Counter[str] = field(default_factory=Counter[str])
    _examples: dict[str, str] = field(default_factory=dict[str, str])
    """A file of each ending that is passed over and may hold text."""
    _beside: set[str] = field(default_factory=set[str])
    """Files that are passed over unless there is a picture for them."""

    def takes(self, path: str, *, named: bool = False) -> bool:
        """Whether a file counts; if not, it is passed over.

        Args:
            path: The file.
            named: It is an argument itself.
        """
        if self.extensions is not None:
            wanted = named or path.lower().endswith(self.extensions)
        else:
            wanted = self._is_of_format(path, named=named)
        if not wanted:
            self._pass_over(path)
        return wanted

    def _pass_over(self, path: str) -> None:
        ending = ending_of(path) or "without an ending"
        self.passed_over[ending] += 1
        if ending in SIDECARS and "image" in self.formats and not is_remote(path):
            self._beside.add(path)
        if self.extensions is None and _may_be_text(path):
            self._examples.setdefault(ending, path)

    def with_sidecars(self, found: list[Found]) -> None:
        """Count what is read with one of these pictures as not passed over."""
        stems = {posixpath.splitext(each.path)[0] for each in found} if self._beside else set[str]()
        beside = map(posixpath.splitext, self._beside)
        self.passed_over -= Counter(ending for stem, ending in beside if stem in stems)

    def one_format(self, argument: str, found: list[Found] | None) -> list[Found] | None:
        """What is read of a folder or glob that has rows in several formats."""
        is_itself = found and len(found) == 1 and found[0].path == argument
        if found and "audio" in self.formats:
            return self._recordings_first(found)
        if self.extensions and {*map(format_by_ending, self.extensions)}.isdisjoint(ROWS):
            # Files of no rows that are told apart, such as pages and archives of them.
            return found
        if not found or is_itself or self.forced or not set(self.formats) >= set(ROWS):
            return found
        chosen, others = first_format(found)
        for reason, files in others.items():
            if reason and files:
                self.passed_over[reason] += len(files)
        for each in others[""]:
            self._pass_over(each.path)
        return chosen or None

    def _recordings_first(self, found: list[Found]) -> list[Found]:
        """The recordings; tables that lie beside them are about them, and hold some only where no others are."""
        tables = [each for each in found if format_by_ending(each.path) in ("parquet", "arrow")]
        if len(tables) == len(found):
            return found
        for each in tables:
            self._pass_over(each.path)
        return [each for each in found if each not in tables]

    def _is_of_format(self, path: str, *, named: bool) -> bool:
        if named and not {"image", "audio"}.isdisjoint(self.formats):
            # Also a list of pictures or recordings; their reader says what is amiss.
            return True
        by_ending = format_by_ending(path)
        if by_ending in self.formats or (by_ending and not named):
            return by_ending in self.formats and (by_ending != "lance" or is_lance(path))
        if is_named_text(path):
            return self._is_text(path, named=named)
        if not (named or _type(path) is None or (self.forced and _may_be_text(path))):
            return False
        contents = _contents(path)
        if contents:
            return contents in self.formats
        if by_ending in CONVERTED:
            return False
        # Nothing speaks against what the person says, and a video's reader says what is amiss.
        return named and ("video" in self.formats or (self.forced and "jsonl" in self.formats))

    def _is_text(self, path: str, *, named: bool) -> bool:
        """Whether a file counts whose ending is that of a text: as one, or for the rows that it holds."""
        counts = "text" in self.formats
        if named or self.forced:
            contents = _contents(path)
            return contents in self.formats if contents else counts
        return counts and path.lower().endswith(PROSE_EXTENSIONS)

    def other_format(self) -> str:
        """A format of some of the passed over, which is looked for only if it is asked for."""
        if self.forced:
            return ""
        return next((f for f in map(_contents, self._examples.values()) if f in self.formats), "")

    def __str__(self) -> str:
        if self.extensions is not None:
            return ", ".join(self.extensions)
        plain = [e for name in self.formats for e in FORMATS.get(name, _TEXT) if e.count(".") == 1]
        return ", ".join(plain)


def _contents(path: str) -> str:
    try:
        return look(path).format
    except (OSError, StorageError):
        return ""


def _type(path: str) -> str | None:
    return _TYPES.guess_type(path.rpartition("/")[2].lower())[0]


def _may_be_text(path: str) -> bool:
    kind = _type(path)
    return kind is None or kind.startswith("text/")


def _named(found: list[Found], *, converts: bool) -> list[FileInfo]:
    plain = [utf8_name(each.name) for each in found]
    if converts:
        plain = [name_in_data(each.path, n) for each, n in zip(found, plain, strict=True)]
    names = _unique(plain)
    return [
        FileInfo(path=each.path, size=each.size, stamp=each.stamp, name=name)
        for each, name in zip(found, names, strict=True)
    ]


def _unique(names: list[str]) -> list[str]:
    """The names, those that repeat behind a number, so that no output overwrites another."""
    taken: set[str] = set()
    folders: set[str] = set()
    unique: list[str] = []
    for name in names:
        count, free = 1, name
        while free in taken or free in folders or not taken.isdisjoint(_folders_of(free)):
            count += 1
            free = f"{count}/{name}"
        taken.add(free)
        folders.update(_folders_of(free))
        unique.append(free)
    return unique


def _folders_of(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:n]) for n in range(1, len(parts))]


def _find_local(argument: str, walk: Walk, choice: _Choice) -> list[Found] | None:
    """The files that count; None if there are none and the argument is no file itself."""
    path = Path(argument)
    if path.is_dir() and not is_lance(argument):
        return walk.files_in(str(path)) or None
    is_stream = _STREAMS.fullmatch(argument) is not None
    if is_lance(argument) or (path.is_file() and (argument == "-" or not is_stream)):
        return [found_at(str(path))] if choice.takes(str(path), named=True) else []
    if path.exists() or is_stream:
        raise InputError(
            f"{argument} is no file but a stream, and input is read more than once; "
            "write it to a file first."
        )
    if not glob.has_magic(argument):
        raise InputError(f"{argument} does not exist; check the path.")
    matches = sorted(glob.glob(argument, recursive=True), key=os.fsencode)  # noqa: PTH207 (Path.glob takes no absolute pattern)
    root = Path(*_before_magic(path.parts))
    return walk.matches(str(root), map(Path, matches), argument) or None


def _before_magic(parts: Sequence[str]) -> list[str]:
    plain: list[str] = []
    for part in parts[:-1]:
        if glob.has_magic(part):
            break
        plain.append(part)
    return plain


def _find_remote(argument: str, walk: Walk, choice: _Choice) -> list[Found] | None:
    fs, pattern = file_system_of(argument)
    scheme = argument.partition("://")[0]
    with storage_errors(argument, "listing"):
        if fs.isfile(pattern):
            # What follows the address may be a signature, and is no part of a file's name.
            place = pattern.partition("?")[0] if scheme in ("http", "https") else pattern
            entry = _remote_entry(scheme, pattern, fs.info(pattern), place.rpartition("/")[2])
            return [entry] if choice.takes(entry.path, named=True) else []
        if glob.has_magic(pattern):
            found = fs.glob(pattern, detail=True)
            root = "/".join(_before_magic(pattern.split("/")))
        elif not fs.exists(pattern):
            raise InputError(f"{argument} does not exist; check the path.")
        else:
            found, root = fs.find(pattern, detail=True), pattern.rstrip("/")
    names = {
        path.removeprefix(root).lstrip("/"): path
        for path, info in found.items()
        if info["type"] == "file" and not path.endswith("/")
    }
    kept = walk.keys(sorted(names, key=str.encode), pattern, f"{scheme}://{root}")
    entries = [_remote_entry(scheme, names[name], found[names[name]], name) for name in kept]
    return [each for each in entries if choice.takes(each.path)] or None


def _remote_entry(scheme: str, path: str, info: dict[str, Any], name: str) -> Found:
    mark = (
        info.get("ETag") or info.get("etag") or info.get("LastModified") or info.get("mtime") or ""
    )
    url = path if path.startswith(f"{scheme}://") else f"{scheme}://{path}"
    stamp = f"{info['size']}:{mark}"
    return Found(path=url, size=int(info["size"] or 0), stamp=stamp, name=name, key=url)
