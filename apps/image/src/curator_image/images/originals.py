"""The bytes of pictures that have been read before: from where they lie in the input."""

from typing import Any

import pyarrow as pa

from curator_engine.errors import InputError
from curator_engine.files.paths import path_of_name
from curator_image.read.images import read_images


class Originals:
    """Finds a picture's bytes by its id; those of one file are read on from where the last one was."""

    def __init__(self, table: pa.Table) -> None:
        """Of the rows of `images.parquet`."""
        names = ["uuid", "file", "position", "sha256"]
        columns = [table.column(name).to_pylist() for name in names]
        self._places = {
            uuid: (file, at, mark) for uuid, file, at, mark in zip(*columns, strict=True)
        }
        self._file, self._next, self._images = "", 0, iter(())

    def __call__(self, uuid: str) -> bytes:
        """The bytes.

        Raises:
            InputError: The file has changed, or is gone.
        """
        file, position, sha256 = self._places[uuid]
        if file != self._file or position < self._next:
            self._file, self._next, self._images = file, 0, _all_of(file)
        for image in self._images:
            self._next += 1
            if self._next > position:
                if image.sha256 != sha256:
                    break
                return image.data
        raise InputError(f"{file} has changed since it was measured; curate again.")


def _all_of(file: str) -> Any:
    return read_images(path_of_name(file))
