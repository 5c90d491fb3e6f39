"""An index of the pictures of earlier runs: what copies of them are found by, without the pictures.

    index.json             the parts that count
    parts/<name>.arrow     fingerprints of the pictures that a run has kept

Each run adds a part; a run of the same settings and input takes the place of its own.
"""

import json
from collections.abc import Iterator

import pyarrow as pa

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, read_bytes, write_atomic
from curator_image.duplicates.fingerprint import FINGERPRINT_FILE

INDEX_FILE = "index.json"
"""What makes a folder an index."""
_FORMAT = 1


def is_index(folder: str) -> bool:
    """Whether a folder is an index."""
    return exists(join(folder, INDEX_FILE))


def add_to_index(folder: str, name: str, prints: pa.Table, keep: set[str]) -> int:
    """Add the pictures that a run has kept; from then on they are read.

    Args:
        folder: The index, or a folder that becomes one.
        name: Of the part.
        prints: Fingerprints of the run.
        keep: Ids of its pictures that count.

    Returns:
        How many pictures the index has.

    Raises:
        InputError: The index is damaged, or of another version.
        StorageError: It cannot be written.
    """

    def kept() -> Iterator[pa.Table]:
        for batch in prints.to_batches():
            chosen = [uuid in keep for uuid in batch.column("uuid").to_pylist()]
            yield pa.Table.from_batches([batch.filter(pa.array(chosen, pa.bool_()))])

    count = FINGERPRINT_FILE.write(kept(), join(folder, _part(name))).num_rows
    return _save(folder, (_parts(folder) if is_index(folder) else {}) | {name: count})


def forget_in_index(folder: str, ids: set[str], *, dry_run: bool = False) -> tuple[set[str], int]:
    """Take pictures out of all parts of an index, whichever run has added them.

    What was interrupted is done by another call.

    Args:
        folder: The index, which the caller has taken.
        ids: Of pictures: as in `images.parquet`, or the SHA-256 of their bytes in hexadecimal.
        dry_run: Only count.

    Returns:
        Those ids that were found, and how many pictures go.

    Raises:
        InputError: It is no index, damaged, or of another version.
        StorageError: A part cannot be read or written.
    """
    parts, met, gone = _parts(folder), set[str](), 0
    for name in parts:
        prints = FINGERPRINT_FILE.read(join(folder, _part(name)))
        uuids, hashes = (prints.column(each).to_pylist() for each in ("uuid", "sha256"))
        found = [
            ids & {uuid, (sha256 or b"").hex()} for uuid, sha256 in zip(uuids, hashes, strict=True)
        ]
        here = sum(map(bool, found))
        met = met.union(*found)
        gone += here
        parts[name] = prints.num_rows - here
        if here and not dry_run:
            stays = prints.filter(pa.array([not each for each in found], pa.bool_()))
            FINGERPRINT_FILE.write([stays], join(folder, _part(name)))
    if not dry_run:
        _save(folder, parts)
    return met, gone


def _save(folder: str, parts: dict[str, int]) -> int:
    record = {"format": _FORMAT, "images": sum(parts.values()), "parts": parts}
    write_atomic(join(folder, INDEX_FILE), json.dumps(record, indent=1).encode())
    return sum(parts.values())


def index_files(folder: str, *, but: str = "") -> list[str]:
    """The files of an index's parts, but for one of this name.

    Raises:
        InputError: It is no index, damaged, or of another version.
    """
    return [join(folder, _part(name)) for name in sorted(_parts(folder)) if name != but]


def _part(name: str) -> str:
    return f"parts/{name}.arrow"


def _parts(folder: str) -> dict[str, int]:
    """How many pictures each part has, by its name."""
    file = join(folder, INDEX_FILE)
    again = "make a new index with --save-index"
    if not exists(file):
        raise InputError(f"{folder} holds no {INDEX_FILE}; {again}.")
    try:
        record = json.loads(read_bytes(file))
        known, parts = record["format"], dict(record["parts"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file} is damaged; {again}.") from error
    if known != _FORMAT:
        raise InputError(
            f"{folder} has index format {known}, and this program reads {_FORMAT}; {again}."
        )
    return parts
