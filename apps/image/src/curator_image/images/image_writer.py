"""NeMo Curator's stage that writes pictures from memory: tars of JPEG with a table beside each.

    images-<hash>-000000.tar       <image_id>.jpg
    images-<hash>-000000.parquet   image_id, tar_file, member_name, original_path, metadata, scores

Pixels are encoded anew. `write_images.py` keeps the bytes as they were.
"""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import uuid4

import numpy as np
import pyarrow as pa
from PIL import Image

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, short_hash
from curator_image.images.as_input import member_of, open_tar
from curator_image.task import ImageBatch, ImageObject

QUALITY = 92
"""Of the JPEG."""
ROWS = pa.schema(
    [
        *((name, pa.string()) for name in ("image_id", "tar_file", "member_name")),
        *((name, pa.string()) for name in ("original_path", "metadata")),
        *((name, pa.float64()) for name in ("aesthetic_score", "nsfw_score")),
    ]
)
"""Columns of the table beside a tar."""


@positional("output_dir", "images_per_tar", "verbose", "deterministic_name", "remove_image_data")
@dataclass(kw_only=True)
class ImageWriterStage(ProcessingStage[ImageBatch, FileGroupTask]):
    """Write the pictures of a batch as JPEG into tars, and a row for each into a table beside the tar."""

    output_dir: str
    """Folder of the tars and tables."""
    images_per_tar: int = 1000
    """Pictures in a tar, at most; a batch begins a new one."""
    verbose: bool = False
    """Whether the report says how many pictures were written."""
    deterministic_name: bool = True
    """Name the tars by the pictures in them, so that the same batch gives the same files."""
    remove_image_data: bool = False
    """Let the pixels go when they are written."""
    name: str = "image_writer"
    writes_to: ClassVar[tuple[str, ...]] = ("output_dir",)

    def __post_init__(self) -> None:
        """Look at the number.

        Raises:
            SettingsError: It is below 1.
        """
        if self.images_per_tar < 1:
            raise SettingsError("ImageWriterStage needs images_per_tar of at least 1.")

    def process(self, task: ImageBatch) -> FileGroupTask:
        """The paths of the tars, then of the tables.

        Raises:
            SettingsError: A picture has no pixels.
            StorageError: A file cannot be written.
        """
        ids = "\n".join(image.image_id for image in task.data)
        seed = f"{task.task_id}\n{ids}" if self.deterministic_name else uuid4().hex
        base = f"images-{hashlib.sha256(seed.encode()).hexdigest()[:12]}"
        tars: list[str] = []
        tables: list[str] = []
        for start in range(0, len(task.data), self.images_per_tar):
            path = join(self.output_dir, f"{base}-{len(tars):06d}")
            images = task.data[start : start + self.images_per_tar]
            tars.append(f"{path}.tar")
            rows = list(self._write(tars[-1], images))
            tables.append(f"{path}.parquet")
            write_table(tables[-1], pa.Table.from_pylist(rows, ROWS))
        if self.verbose:
            self.log_metric("images_written", len(task.data))
        return FileGroupTask(
            data=[*tars, *tables],
            dataset_name=task.dataset_name,
            _metadata={**task._metadata, "num_images": len(task.data)},
        )

    def _write(self, path: str, images: list[ImageObject]) -> Iterator[dict[str, Any]]:
        """Write a tar; a row for each picture in it."""
        with open_tar(path, "") as write:
            for image in images:
                if image.image_data is None:
                    raise SettingsError(
                        f"{image.image_path or image.image_id} has no pixels to write; keep them in the "
                        "stages before (remove_image_data=False), or use WriteImages."
                    )
                name = f"{_safe(image.image_id)}.jpg"
                write(member_of(name, _jpeg(image.image_data)))
                if self.remove_image_data:
                    image.image_data = None
                yield {
                    "image_id": image.image_id,
                    "tar_file": path,
                    "member_name": name,
                    "original_path": image.image_path,
                    "metadata": json.dumps(image.metadata, ensure_ascii=False, default=_plain),
                    "aesthetic_score": image.aesthetic_score,
                    "nsfw_score": image.nsfw_score,
                }


def _jpeg(pixels: Any) -> bytes:
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).convert("RGB").save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _safe(name: str) -> str:
    """An id as a name in a tar: one that leads nowhere and has no dot, or a hash of it."""
    return name if re.fullmatch(r"[\w-]{1,90}", name, re.ASCII) else short_hash(name)


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    return value.tolist() if isinstance(value, np.ndarray) else str(value)
