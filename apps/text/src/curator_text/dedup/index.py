"""An index: what earlier runs have kept, so that later documents are compared with them.

A folder: `index.json` says how the documents were signed and names the parts, `parts/<part>/` holds
one addition each. A part belongs to the index from the moment that `index.json`, written last, names
it; nothing in it changes afterwards. What is in the files of a part is the job's: `fuzzy/index_blocks.py`,
`exact/index_hashes.py`, `repeats/index_pieces.py`, `semantic/index_vectors.py`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError, StageError
from curator_engine.files.listing import list_files
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, list_folders, read_bytes, remove_tree, write_atomic
from curator_engine.task import short_hash
from curator_text.removal.corpus import IN_INDEX, Block, Corpus, load_corpus

FORMAT = 1
"""Grows by one with each change after which an older program could not read the files."""
BLOCKS_FILE = "blocks.json"
"""The blocks of a part."""
_FILE = "index.json"
_PART_NAME = re.compile(r"\d{4,}-[0-9a-f]{12}")


@dataclass(frozen=True, kw_only=True)
class Signing:
    """How `fuzzy` signs documents; only those that are signed alike can be compared."""

    job: ClassVar[str] = "fuzzy"
    method: str
    char_ngrams: int
    num_bands: int
    minhashes_per_band: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Hashing:
    """How `exact` hashes texts."""

    job: ClassVar[str] = "exact"
    normalize: str


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How `substring` finds passages."""

    job: ClassVar[str] = "substring"
    min_bytes: int


@dataclass(frozen=True, kw_only=True)
class Units:
    """What `lines` counts."""

    job: ClassVar[str] = "lines"
    unit: str
    least: int


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """What the embeddings of `semantic` come from."""

    job: ClassVar[str] = "semantic"
    embeddings: str
    max_chars: int | None


type How = Signing | Hashing | Windows | Units | Embedding
"""How the documents of an index were looked at."""
_KINDS: tuple[type[How], ...] = (Signing, Hashing, Windows, Units, Embedding)


@dataclass(frozen=True, kw_only=True)
class PartFiles:
    """The files that a job has in the part of an index, for each block."""

    endings: tuple[str, ...]
    ids: Callable[[str], Any]
    """The ids of the documents, as an Arrow array, of the block whose files begin like this."""
    without: Callable[[str, str, Block, NDArray[np.bool_]], Block]
    """Writes the files of a block, given where they begin and where the new ones do, with some documents."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one run has added."""

    name: str
    run: str
    """Identifies its input."""
    documents: int
    bytes: int
    """Of its files."""


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index as it was read, or one that is to be made."""

    path: str
    signing: How
    parts: tuple[Part, ...] = ()

    @property
    def documents(self) -> int:
        """Documents of all parts."""
        return sum(part.documents for part in self.parts)

    @property
    def bytes(self) -> int:
        """Size of all parts."""
        return sum(part.bytes for part in self.parts)

    @property
    def key(self) -> str:
        """Identifies the parts."""
        return short_hash(*(part.name for part in self.parts))

    def part_of(self, run: str) -> Part | None:
        """What a run of this input has added; None if there was none."""
        return next((part for part in self.parts if part.run == run), None)

    def before(self, run: str) -> "Index":
        """The index as it was before this input was added: it is not compared with itself."""
        names = [part.run for part in self.parts]
        return replace(self, parts=self.parts[: names.index(run)]) if run in names else self

    def blocks(self) -> list[Block]:
        """The blocks of all parts, in order."""
        found: list[Block] = []
        for part in self.parts:
            folder = self.folder(part.name)
            found += [
                replace(block, part=folder, name=f"{IN_INDEX}{part.name}/{block.name}")
                for block in load_corpus(join(folder, BLOCKS_FILE)).blocks
            ]
        return found

    def folder(self, name: str) -> str:
        """Where the files of a part are."""
        return join(self.path, "parts", name)

    def next_name(self, content: str) -> str:
        """The name of the next part, from a hash of what will be in it."""
        return f"{len(self.parts) + 1:04d}-{content}"


def is_index(path: str) -> bool:
    """Whether the folder holds an index."""
    return exists(join(path, _FILE))


def load_index(path: str) -> Index:
    """Read which parts an index has.

    Raises:
        InputError: There is no index, or one that this program does not know.
    """
    file = join(path, _FILE)
    if not exists(file):
        raise InputError(f"{path} holds no index; make one with --save-index {path}.")
    try:
        record: dict[str, Any] = json.loads(read_bytes(file))
        if record["format"] != FORMAT:
            raise InputError(
                f"{path} has index format {record['format']}, and this program reads {FORMAT}; "
                "make a new index with --save-index."
            )
        return Index(
            path=path,
            signing=_signing_of(record["signing"]),
            parts=tuple(Part(**part) for part in record["parts"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is damaged; make a new index with --save-index.") from error


def _signing_of(record: dict[str, Any]) -> How:
    named = {frozenset(each.name for each in fields(kind)): kind for kind in _KINDS}
    return named[frozenset(record)](**record)


def open_index(path: str, signing: How, *, create: bool = False) -> Index:
    """An index of documents that were signed like this.

    Args:
        path: Its folder.
        signing: How the documents of this run are signed.
        create: Take a folder without an index for an empty one.

    Raises:
        InputError: There is no index, or one that this program does not know.
        SettingsError: Its documents were signed in another way.
    """
    if create and not is_index(path):
        return Index(path=path, signing=signing)
    index = load_index(path)
    if index.signing.job != signing.job:
        raise SettingsError(
            f"the index in {path} is one of {index.signing.job}; give one that {signing.job} has made."
        )
    there, here = asdict(index.signing), asdict(signing)
    names = [name for name in here if here[name] != there[name]]
    if names:
        differences = ", ".join(f"{name}={there[name]} (here {here[name]})" for name in names)
        raise SettingsError(
            f"the index in {path} was made with {differences}; give its values, or another index."
        )
    return index


def save_blocks(folder: str, blocks: list[Block]) -> None:
    """Write the list of a part's blocks, in order; the folder is not kept, so it can be moved."""
    Corpus("", tuple(blocks)).save(join(folder, BLOCKS_FILE))


def add_part(index: Index, part: Part) -> Index:
    """The index with one more part, whose files are there: from now on it is read."""
    added = replace(index, parts=(*index.parts, part))
    save_index(added)
    return added


def save_index(index: Index) -> None:
    """Write which parts an index has; from now on they are read, and no others."""
    record = {
        "format": FORMAT,
        "signing": asdict(index.signing),
        "documents": index.documents,
        "bytes": index.bytes,
        "parts": [asdict(each) for each in index.parts],
    }
    write_atomic(join(index.path, _FILE), json.dumps(record, indent=1).encode())


def remove_leftovers(index: Index, *, keep: str) -> None:
    """Remove parts that are not in the index: additions that were stopped.

    Args:
        index: The index.
        keep: Name of the part that is being made.
    """
    known = {keep, *(part.name for part in index.parts)}
    for name in list_folders(join(index.path, "parts")):
        if _PART_NAME.fullmatch(name) and name not in known:
            remove_tree(index.folder(name))


def part_bytes(folder: str, blocks: list[Block], endings: tuple[str, ...]) -> int:
    """The size of a part's files.

    Raises:
        StageError: One of them is gone.
    """
    sizes = {file.name: file.size for file in list_files([folder], extensions=[""])}
    names = [f"{block.task_id}{ending}" for block in blocks for ending in endings]
    names.append(BLOCKS_FILE)
    if gone := [name for name in names if name not in sizes]:
        raise StageError(
            f"{join(folder, gone[0])} is gone: one run at a time can add to an index; run again."
        )
    return sum(sizes[name] for name in names)
