"""The folders of tokens that a blend reads: found among the listed files, checked against each other, named."""

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.commands.settings import close_name
from curator_engine.errors import InputError, SettingsError
from curator_engine.files.listing import FileInfo
from curator_engine.files.paths import join
from curator_engine.files.storage import input_errors, open_read
from curator_text.tokenize.gather_runs import DOCUMENTS_ENDING
from curator_text.tokenize.token_record import TokenRecord

PARTS = ("train", "validation", "test")
"""Where a document may go; the folders of a blend that is split."""
ENDINGS = (".bin", ".idx", ".npy", ".parquet", ".json")
"""Of the files in the `data/` of a run that writes tokens."""
_DATA = "data"


@dataclass(frozen=True, kw_only=True)
class InputShard:
    """One file of tokens that is read."""

    source: str
    stem: str
    """Its path without ending."""
    name: str
    """The end of that path."""
    kind: str
    """Type of the tokens."""
    documents: int
    tokens: int

    @property
    def table(self) -> str:
        """Path of its table of documents."""
        return self.stem + DOCUMENTS_ENDING

    def row_groups(self, columns: Sequence[str]) -> Iterator[pa.Table]:
        """Its table of documents, piece by piece; columns that it lacks are null.

        Raises:
            InputError: It is not there, or damaged.
        """
        with input_errors(self.table), open_read(self.table) as raw:
            file = pq.ParquetFile(raw)
            there = [name for name in columns if name in file.schema_arrow.names]
            for group in range(file.metadata.num_row_groups):
                table = file.read_row_group(group, columns=there, use_threads=False)
                for name in columns:
                    if name not in there:
                        empty: Any = pa.nulls(table.num_rows, pa.string())
                        table = table.append_column(name, empty)
                yield table


@dataclass(frozen=True, kw_only=True)
class InputFolder:
    """One folder of tokens."""

    name: str
    """By which its weight is given."""
    path: str
    record: TokenRecord
    shards: Sequence[InputShard]

    @property
    def tokens(self) -> int:
        """Tokens in the files that are read."""
        return sum(each.tokens for each in self.shards)


def input_folders(files: Sequence[FileInfo]) -> list[InputFolder]:
    """The folders of tokens among listed files, in their order.

    Args:
        files: All files below the inputs.

    Raises:
        InputError: There is none; one is not finished, or is made with another tokenizer than the first.

    Example:
        >>> [folder.name for folder in input_folders(find_inputs(["web", "books"]).files)]
        ['web', 'books']
    """
    listed: dict[str, set[str]] = {}
    for file in files:
        folder, _, name = file.path.rpartition("/")
        if name.endswith(".bin"):
            listed.setdefault(folder or ".", set()).add(name.removesuffix(".bin"))
    if not listed:
        raise InputError(
            f"{files[0].path if files else 'the input'}: there are no files of tokens here; give folders that tokenize made."
        )
    _check_parts(listed)
    names = folder_names(list(listed))
    found = [_folder(path, names[path], stems) for path, stems in listed.items()]
    for folder in found:
        _check_same(found[0], folder)
    return found


def _folder(path: str, name: str, stems: Collection[str]) -> InputFolder:
    """A folder's files of tokens: those that its record names."""
    record = TokenRecord.read(path)
    shards = [
        InputShard(
            source=name,
            stem=join(path, each.name),
            name=each.name,
            kind=record.token_type,
            documents=each.documents,
            tokens=each.tokens,
        )
        for each in record.shards
        if each.name in stems
    ]
    return InputFolder(name=name, path=path, record=record, shards=shards)


def folder_names(paths: Sequence[str]) -> dict[str, str]:
    """A name for each folder: the last word of its path, but for data/ and data/train; the whole path if two have one."""
    short = {path: _short(path) for path in paths}
    counts = list(short.values())
    return {path: name if counts.count(name) == 1 else path for path, name in short.items()}


def _short(path: str) -> str:
    words = [word for word in PurePosixPath(path).parts if word not in ("/", ".")]
    if words[-2:] == [_DATA, PARTS[0]]:
        words = words[:-2]
    elif words[-2:-1] == [_DATA] and words[-1] in PARTS and len(words) > 2:
        return f"{words[-3]}/{words[-1]}"
    elif len(words) > 1 and words[-1] == _DATA:
        words = words[:-1]
    return words[-1] if words else path


def _check_parts(paths: Collection[str]) -> None:
    """Make sure that a blend's parts for testing are not taken with its part for training.

    Raises:
        InputError: They would be.
    """
    for path in paths:
        folder, _, part = path.rpartition("/")
        if part == PARTS[0] and any(join(folder, other) in paths for other in PARTS[1:]):
            raise InputError(
                f"{folder} holds parts of a blend, of which some are for testing; give {path}, or one of the others."
            )


def _check_same(first: InputFolder, other: InputFolder) -> None:
    for name, option in (("tokenizer_key", "--tokenizer"), ("end", "--end-token")):
        if getattr(first.record, name) != getattr(other.record, name):
            raise InputError(
                f"{other.path} was made with another {option} than {first.path}; tokenize one of them again."
            )


def fields_of(folders: Sequence[InputFolder]) -> list[str]:
    """The fields that tables of documents have beside their own columns, those of all folders together."""
    return list(dict.fromkeys(name for folder in folders for name in folder.record.fields))


def paths_by_name(folders: Sequence[InputFolder]) -> Mapping[str, str]:
    """The name of each folder by what a user may call it: its name, its path, and that without data/."""
    found: dict[str, str] = {}
    for folder in folders:
        path = folder.path
        for known in (folder.name, path, path.removesuffix(f"/{_DATA}")):
            found.setdefault(known, folder.name)
    return found


def weights_of(
    given: Mapping[str, Fraction], sources: Sequence[str], *, known: Mapping[str, str]
) -> dict[str, Fraction]:
    """The weights by the names of sources; all have one, if one has.

    Args:
        given: By what the user calls them.
        sources: Their names.
        known: Their names by other names.

    Raises:
        SettingsError: There is no such source, one has no weight, or two.
    """
    names = {**known, **dict(zip(sources, sources, strict=True))}
    found: dict[str, Fraction] = {}
    for name, weight in given.items():
        source = names.get(name) or names.get(posixpath.normpath(name))
        if source is None:
            raise SettingsError(
                f"--weights: no source is called {name}; {close_name(name, sources)}"
            )
        if source in found:
            raise SettingsError(f"--weights names {source} twice; give it one weight.")
        found[source] = weight
    missing = [name for name in sources if name not in found]
    if found and missing:
        raise SettingsError(f"--weights: {missing[0]} has none; give it one, or 0 to leave it out.")
    return found
