"""The kept pictures of a run, from where they lie in its folder: loose, in tars and in tables."""

from collections.abc import Iterator

from curator_engine.errors import InputError
from curator_engine.files.formats import TAR_EXTENSIONS
from curator_engine.files.paths import join, utf8_name
from curator_engine.files.storage import exists
from curator_image.read.images import StoredImage, read_images


def place_in(output: str, path: str) -> tuple[str, str]:
    """The file that a picture of a run lies in, and its name there; ("", "") if it is gone.

    Args:
        output: The folder of the run.
        path: From there: "data/a.jpg", "data/shard.tar/000001.jpg", "data/part.parquet#17".

    Returns:
        The file, from the folder of the run; a member of a tar, a row of a table, or "".
    """
    if exists(join(output, path)):
        return path, ""
    table, mark, row = path.rpartition("#")
    if mark and row.isdecimal() and exists(join(output, table)):
        return table, row
    file = path
    while "/" in file:
        file = file.rpartition("/")[0]
        # Where the file itself is gone, this is a folder of others.
        if exists(join(output, file)):
            return (file, path[len(file) + 1 :]) if _is_tar(file) else ("", "")
    return "", ""


def _is_tar(name: str) -> bool:
    return name.lower().endswith(TAR_EXTENSIONS)


class WrittenImages:
    """Finds a written picture by its path; those of one file are read on from where the last one was."""

    def __init__(self, output: str) -> None:
        """Of the folder of a run."""
        self._output = output
        self._file = ""
        self._images: Iterator[StoredImage] = iter(())

    def find(self, path: str, sha256: str = "") -> StoredImage:
        """The picture.

        Args:
            path: From the folder of the run.
            sha256: Of its bytes, where they are known.

        Raises:
            InputError: It is not there any more.
        """
        file, member = place_in(self._output, path)
        # What the last one was read from goes on; else, or if it lies before that one, from the start.
        tries = (self._images, None) if file == self._file and member else (None,)
        for images in tries if file else ():
            self._file = file
            self._images = images or read_images(join(self._output, file))
            for image in self._images:
                if utf8_name(image.member) == member and sha256 in ("", image.sha256):
                    return image
        raise InputError(
            f"{join(self._output, path)} is not there any more; run curate again with --resume."
        )
