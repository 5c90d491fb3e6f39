"""Write kept pictures into webdataset tars or Parquet files, so many to a file, whatever they came in.

    000000-00000.tar       <key>.jpg <key>.txt <key>.json
    000000-00000.parquet   id, image {bytes, path}, caption, fields, source

Files are named by the number of the first input file in the task, then in order. From a tar, a sample
has all its members as they stand there; of others the key is the picture's id. The same pictures give
the same bytes.
"""

import json
import posixpath
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.formats import PICTURE_EXTENSIONS
from curator_engine.files.listing import SIDECARS
from curator_engine.files.paths import is_remote, join
from curator_engine.files.storage import exists, open_atomic, read_bytes
from curator_engine.task import FileGroupTask
from curator_image.images.as_input import kept_samples, member_of, open_tar
from curator_image.images.kept import Kept, Placed, positions
from curator_image.images.reencode import Reencode
from curator_image.read.images import StoredImage, kind_of, read_images

COLUMNS = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        *(pa.field(name, pa.string()) for name in ("caption", "fields", "source")),
    ]
)
"""Of a Parquet file of pictures, as Hugging Face's datasets read them; `fields` is JSON."""
_GROUP_BYTES = 64 << 20
_ENDINGS = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"GIF8": ".gif", b"RIFF": ".webp"}


class Files[T]:
    """Files one after the other, each with so many pictures and bytes at most."""

    def __init__(
        self, opens: Callable[[int], AbstractContextManager[T]], *, most: int, max_bytes: int
    ) -> None:
        """Of a function that opens the file of a number, from 0."""
        self._opens, self._most, self._max_bytes = opens, most, max_bytes
        self._stack, self._file = ExitStack(), None
        self.number, self.count, self._bytes = -1, 0, 0

    def __enter__(self) -> "Files[T]":
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.__exit__(*error)

    def for_bytes(self, size: int) -> T:
        """The file that the next picture of so many bytes goes into; `count` are in it before."""
        is_full = self.count >= self._most or (self.count and self._bytes + size > self._max_bytes)
        if self._file is None or is_full:
            self._stack.close()
            self.number, self.count, self._bytes = self.number + 1, 0, 0
            self._file = self._stack.enter_context(self._opens(self.number))
        self._bytes += size
        self.count += 1
        return self._file


def pack_tars(
    files: list[tuple[FileGroupTask, Kept]],
    folder: str,
    *,
    most: int,
    max_bytes: int,
    left_out: Counter[str],
    reencode: Reencode | None = None,
    stem: str = "",
) -> Iterator[Placed]:
    """Write the kept pictures of some files into tars.

    Args:
        files: Input files, and what of them is kept.
        folder: Where the tars lie.
        most: Pictures in a tar.
        max_bytes: In a tar, unless one sample is larger.
        left_out: Counts what is stored with pictures and not written, by name.
        reencode: How they are written anew; None keeps their bytes.
        stem: What their names begin with, instead of a number.

    Raises:
        UnreadableFileError: A file cannot be read.
        StorageError: A tar cannot be written.
    """
    stem = stem or _first(files)

    def path(number: int) -> str:
        return join(folder, f"{stem}-{number:05d}.tar")

    with Files(lambda number: open_tar(path(number), ""), most=most, max_bytes=max_bytes) as tars:
        for file, kept in files:
            is_tar = bool(kept.ids) and kind_of(file.data[0]) == "tar"
            if is_tar:
                samples = kept_samples(file, kept, reencode)
            else:
                samples = _samples(file, kept, reencode, left_out)
            for uuid, name, blocks in samples:
                tars.for_bytes(len(blocks))(blocks)
                yield Placed(uuid=uuid, path=f"{path(tars.number)}/{name}")


def pack_tables(
    files: list[tuple[FileGroupTask, Kept]],
    folder: str,
    *,
    most: int,
    max_bytes: int,
    left_out: Counter[str],
    reencode: Reencode | None = None,
) -> Iterator[Placed]:
    """Write the kept pictures of some files into Parquet files; see `pack_tars`.

    Raises:
        UnreadableFileError: A file cannot be read.
        StorageError: A file cannot be written.
    """
    stem = _first(files)

    def path(number: int) -> str:
        return join(folder, f"{stem}-{number:05d}.parquet")

    with Files(lambda number: _rows(path(number)), most=most, max_bytes=max_bytes) as tables:
        for file, kept in files:
            for uuid, stored in kept_images(file, kept):
                left_out.update(stored.others)
                name = stored.member or posixpath.basename(stored.path)
                data = stored.data
                if reencode:
                    name, data = reencode.named(name), reencode.encode(data)
                # The row's number is that in its own file.
                add, row = tables.for_bytes(len(data)), tables.count - 1
                add(
                    {
                        "id": uuid,
                        "image": {"bytes": data, "path": _text(name)},
                        "caption": stored.caption or None,
                        "fields": _json(stored.fields),
                        "source": _text(stored.place),
                    }
                )
                yield Placed(uuid=uuid, path=f"{path(tables.number)}#{row}")


def _first(files: list[tuple[FileGroupTask, Kept]]) -> str:
    """What the files of a task are named by: the number of its first input file, and the first row group."""
    file = files[0][0]
    part = f"-{file.span[0]:05d}" if file.span and file.span[0] else ""
    return f"{int(file._metadata.get('file_index', 0)):06d}{part}"


def kept_images(file: FileGroupTask, kept: Kept) -> Iterator[tuple[str, StoredImage]]:
    """Each kept picture of a file, with its id.

    Raises:
        UnreadableFileError: The file cannot be read.
    """
    if not kept.ids:
        return
    stored_images = read_images(file.data[0], span=file.span)
    for position, stored in zip(positions(file), stored_images, strict=False):
        if uuid := kept.ids.get(position):
            yield uuid, stored


def _samples(
    file: FileGroupTask, kept: Kept, reencode: Reencode | None, left_out: Counter[str]
) -> Iterator[tuple[str, str, bytes]]:
    """Of each kept picture that is not in a tar: its id, its name in one, its members there."""
    for uuid, stored in kept_images(file, kept):
        left_out.update(stored.others)
        name = uuid + (reencode.ending if reencode else ending_for(stored))
        members = {name: reencode.encode(stored.data) if reencode else stored.data}
        if stored.member:
            texts = {".txt": stored.caption, ".json": _json(stored.fields)}
            members |= {uuid + e: text.encode() for e, text in texts.items() if text}
        else:
            members |= {uuid + ending: data for ending, data in _beside(stored.path)}
        yield uuid, name, b"".join(member_of(each, data) for each, data in members.items())


def _beside(path: str) -> Iterator[tuple[str, bytes]]:
    """What lies beside a loose picture."""
    stem = posixpath.splitext(path)[0]
    for ending in () if is_remote(path) else SIDECARS:
        if stem + ending != path and exists(stem + ending):
            yield ending, read_bytes(stem + ending)


def ending_for(stored: StoredImage) -> str:
    """The ending of a picture's name, else that of what its bytes are."""
    ending = posixpath.splitext(stored.path if not stored.member else "")[1].lower()
    if ending in PICTURE_EXTENSIONS:
        return ending
    known = (name for magic, name in _ENDINGS.items() if stored.data.startswith(magic))
    return next(known, ".img")


@contextmanager
def _rows(path: str) -> Generator[Callable[[dict[str, Any]], None]]:
    """Write a table row by row, in groups of some bytes; it takes its place when the block ends."""
    names = [each for each in COLUMNS.names if each != "image"]
    # Pictures are compressed as they are.
    packing: Any = {"image.bytes": "none", "image.path": "zstd"} | dict.fromkeys(names, "zstd")
    rows: list[dict[str, Any]] = []
    size = 0
    with open_atomic(path) as file, pq.ParquetWriter(file, COLUMNS, compression=packing) as table:

        def flush() -> None:
            nonlocal size
            table.write_table(pa.Table.from_pylist(rows, COLUMNS))
            rows.clear()
            size = 0

        def add(row: dict[str, Any]) -> None:
            nonlocal size
            rows.append(row)
            size += len(row["image"]["bytes"])
            if size >= _GROUP_BYTES:
                flush()

        yield add
        if rows:
            flush()


def _json(fields: dict[str, Any]) -> str | None:
    return json.dumps(fields, ensure_ascii=False, default=str) if fields else None


def _text(name: str) -> str:
    """A name with bytes that are no text made one."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
