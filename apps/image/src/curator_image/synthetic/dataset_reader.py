"""NeMo Curator's stage that reads the pictures of a data set of Hugging Face's into a folder, and makes a sample of each.

The package `datasets` is not needed: Parquet, Arrow and pictures are read as they are, in a folder or on the hub.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import pyarrow as pa
from PIL import Image

from curator_engine.errors import DamagedFileError, InputError, SettingsError, UnreadableFileError
from curator_engine.files.output_folder import refuse_overlap, take
from curator_engine.files.paths import join
from curator_engine.files.storage import exists, open_read, read_bytes, write_atomic
from curator_engine.files.table_batches import ColumnError, bytes_and_path, table_batches
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.task import EmptyTask, file_safe
from curator_image.read.picture import MAX_PIXELS, PictureError, open_picture, picture_head
from curator_image.synthetic.dataset_files import files_of
from curator_image.task import ImageSampleTask, ImageTaskData

_QUALITY = 95
"""Of the JPEG that pictures of other formats become."""
_TABLES = (".parquet", ".arrow")


class _Stored(NamedTuple):
    """A picture of the data set."""

    place: str
    image_id: str | None
    data: bytes | None
    path: str


@positional(
    *("dataset_name", "image_dir", "split", "config_name", "image_column", "id_column", "limit"),
    "task_type",
)
@dataclass(kw_only=True)
class HFDatasetImageReaderStage(ProcessingStage[EmptyTask, ImageSampleTask[Any]]):
    """Make a sample of each picture of a data set; the pictures are written as JPEG into `image_dir`.

    A JPEG keeps its bytes. What cannot be decoded goes to quarantine.

    Example:
        HFDatasetImageReaderStage("photos", "pictures", task_type=OCRData)
    """

    dataset_name: str
    """A folder with Parquet, Arrow or pictures, one that `save_to_disk` wrote, or an id on the hub."""
    image_dir: str | Path
    """Folder for the pictures, `<id>.jpg`; those that are there already are not written again."""
    split: str = "train"
    config_name: str | None = None
    """Of a data set of several parts on the hub, the one that is meant."""
    image_column: str = "image"
    """Column of the pictures: bytes, paths, or both as Hugging Face has them."""
    id_column: str | None = None
    """Column of ids; of rows with the same id, the first counts. The row's number unless given."""
    limit: int | None = None
    """Most pictures."""
    task_type: type[ImageTaskData] = ImageTaskData
    """What a sample's data is, such as `OCRData`."""
    name: str = "hf_dataset_image_reader"
    fan_out: ClassVar[bool] = True
    writes_to: ClassVar[tuple[str, ...]] = ("image_dir",)

    def __post_init__(self) -> None:
        if self.limit is not None and self.limit < 1:
            raise SettingsError(f"{self.name} needs limit of at least 1.")

    def process(self, task: EmptyTask) -> Iterator[ImageSampleTask[Any]]:
        """The samples, one by one.

        Raises:
            InputError: There is no such data set, split or column, or `image_dir` has another picture by
                the name of one of them.
            StorageError: A picture cannot be written.
        """
        folder, label = str(self.image_dir), Path(self.dataset_name).name
        if Path(self.dataset_name).exists():
            refuse_overlap(folder, [self.dataset_name])
        known: set[str] = set()
        with take(folder, job=self.name, mode="share"):
            for number, stored in enumerate(self._stored()):
                image_id = f"{number:06d}" if stored.image_id is None else stored.image_id
                if image_id in known:
                    continue
                try:
                    jpeg = _as_jpeg(self._data_of(stored))
                except (PictureError, UnreadableFileError) as error:
                    self.reject(Rejection(file=stored.place, reason=str(error)))
                    continue
                known.add(image_id)
                path = join(folder, f"{file_safe(image_id)}.jpg")
                self._write(path, jpeg)
                data = self.task_type(image_path=Path(path), image_id=image_id)
                yield ImageSampleTask(data=data, dataset_name=label)
                if len(known) == self.limit:
                    break
        self.log_metric("images_read", len(known))

    def _stored(self) -> Iterator[_Stored]:
        """The pictures as they are stored."""
        found = files_of(self.dataset_name, split=self.split, config=self.config_name)
        for path in found:
            if not path.lower().endswith(_TABLES):
                yield _Stored(path, None, None, path)
                continue
            try:
                yield from self._rows(path)
            except DamagedFileError as error:
                self.reject(Rejection(file=path, reason=str(error), rest=True))

    def _rows(self, path: str) -> Iterator[_Stored]:
        """The rows of a table.

        Raises:
            InputError: It has no such column.
        """
        problem: list[str] = []

        def columns(schema: pa.Schema) -> list[str]:
            wanted = [name for name in (self.image_column, self.id_column) if name]
            if missing := [name for name in wanted if name not in schema.names]:
                problem.append(
                    f"{path} has no column {missing[0]!r}; there are {', '.join(schema.names)}."
                )
                raise ColumnError(problem[0])
            return list(dict.fromkeys(wanted))

        try:
            for batch in table_batches(path, columns):
                ids = batch.rows.column(self.id_column).to_pylist() if self.id_column else None
                pictures = batch.rows.column(self.image_column)
                for i in range(batch.rows.num_rows):
                    value = pictures[i].as_py()
                    data, source = (
                        (None, value) if isinstance(value, str) else bytes_and_path(value)
                    )
                    given = None if ids is None else str(ids[i])
                    yield _Stored(f"{path}#{batch.first + i}", given, data, source)
        except DamagedFileError as error:
            if problem:
                raise InputError(problem[0]) from error
            raise

    def _data_of(self, stored: _Stored) -> bytes:
        """The bytes of a picture.

        Raises:
            PictureError: There are none.
            UnreadableFileError: Its file cannot be read.
        """
        if stored.data is not None:
            return stored.data
        table = stored.place.rpartition("#")[0]
        path = Path(table).parent / stored.path if table else Path(stored.path)
        if not stored.path or not path.is_file():
            raise PictureError(f"no bytes, and no file {stored.path!r}")
        return _read(str(path))

    def _write(self, path: str, jpeg: bytes) -> None:
        """Write a picture, unless it is there."""
        if not exists(path):
            write_atomic(path, jpeg)
        elif read_bytes(path) != jpeg:
            raise InputError(
                f"{path} is another picture than that of {self.dataset_name}; choose another image_dir, or "
                "set id_column."
            )


def _read(path: str) -> bytes:
    try:
        with open_read(path) as file:
            return file.read()
    except OSError as error:
        raise UnreadableFileError(f"{path} cannot be read ({error.strerror}).") from error


def _as_jpeg(data: bytes) -> bytes:
    """A picture as JPEG; one that is, as it is.

    Raises:
        PictureError: It is no picture, or a damaged one.
    """
    picture = open_picture(data, side=MAX_PIXELS)
    if picture_head(data)[0] == "JPEG":
        return data
    file = io.BytesIO()
    Image.fromarray(picture.rgb).save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()
