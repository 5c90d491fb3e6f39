"""Write kept pictures as loose files, whatever they came in, with one list of their captions.

boats/1.jpg                 a loose picture, as it lies below the input
shard.tar/<id>.jpg          one of a tar, table or list
metadata.jsonl              file_name, text, id, source, fields: as Hugging Face's imagefolder reads it
"""

import json
from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, write_atomic
from curator_engine.stages.small_files import name_of
from curator_engine.task import FileGroupTask
from curator_image.images.kept import Kept, Placed
from curator_image.images.packed import ending_for, kept_images
from curator_image.images.reencode import Reencode

METADATA = "metadata.jsonl"
"""The list of captions, in the folder of the pictures."""


def write_loose(
    files: list[tuple[FileGroupTask, Kept]],
    folder: str,
    *,
    reencode: Reencode | None,
    left_out: Counter[str],
) -> Iterator[Placed]:
    """Write the kept pictures of some files, each into one of its own.

    Args:
        files: Input files, and what of them is kept.
        folder: Where the pictures lie.
        reencode: How they are written anew; None keeps their bytes.
        left_out: Counts what is stored with them and not written, by name.

    Raises:
        UnreadableFileError: A file cannot be read.
        StorageError: A picture cannot be written.
    """
    for file, kept in files:
        for uuid, stored in kept_images(file, kept):
            left_out.update(stored.others)
            if stored.member:
                ending = reencode.ending if reencode else ending_for(stored)
                name = f"{name_of(file)}/{uuid}{ending}"
            else:
                name = name_of(file)
                if reencode and reencode.named(name) != name:
                    # a.png and a.webp must not both become a.jpg.
                    name = f"{name.rpartition('.')[0] or name}-{uuid}{reencode.ending}"
            path = join(folder, name)
            write_atomic(path, reencode.encode(stored.data) if reencode else stored.data)
            yield Placed(uuid=uuid, path=path)


def write_metadata(folder: str, table: pa.Table, *, below: str) -> None:
    """Write the list of captions of the pictures that are kept.

    Args:
        folder: Where the pictures lie.
        table: Rows of `images.parquet`, in the order of the list.
        below: The name of that folder, which paths in the table begin with.

    Raises:
        StorageError: It cannot be written.
    """
    rows = table.select(["path", "keep", "caption", "uuid", "place", "fields"]).to_pylist()
    with open_atomic(join(folder, METADATA)) as file:
        for row in rows:
            if row["keep"] and row["path"]:
                line = {
                    "file_name": row["path"].removeprefix(f"{below}/"),
                    "text": row["caption"] or "",
                    "id": row["uuid"],
                    "source": row["place"],
                    "fields": row["fields"] or "{}",
                }
                file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
