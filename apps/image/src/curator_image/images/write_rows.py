"""Write what is known of a batch of pictures: its part of `images.parquet`, and its fingerprints."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, remove
from curator_engine.items.stored_embeddings import write_embeddings
from curator_engine.stage import ProcessingStage
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, file_safe
from curator_image.duplicates.fingerprint import FINGERPRINTS
from curator_image.images.counts import with_counts
from curator_image.images.image_table import ImageItem, image_rows
from curator_image.images.measure_images import PASSED_OVER
from curator_image.task import ImageBatch

ROWS, PRINTS = "rows", "fingerprints"
"""Folders of parts."""


@dataclass(kw_only=True)
class WriteRows(ProcessingStage[ImageBatch, FileGroupTask]):
    """Write rows, fingerprints and embeddings; the part of the table comes last."""

    output: str
    """Folder of the run."""
    parts: str
    """Folder for the parts, which are joined when all are there: `rows` and `fingerprints` in it."""
    embeddings: str = ""
    """Name of the embeddings, where a stage has made some."""
    writes_to: ClassVar[tuple[str, ...]] = ("output", "parts")

    def process(self, task: ImageBatch) -> FileGroupTask:
        """Write the rows of a batch.

        Raises:
            StorageError: A file cannot be written.
        """
        name = file_safe(task.task_id)
        prints = [
            image.metadata["fingerprint"] for image in task.data if "fingerprint" in image.metadata
        ]
        if prints:
            table = pa.Table.from_pylist(prints, schema=FINGERPRINTS)
            write_table(join(self.parts, PRINTS, f"{name}.parquet"), table)
        embedded = [image for image in task.data if image.embedding is not None]
        if self.embeddings and embedded:
            matrix = np.stack([np.asarray(image.embedding, np.float32) for image in embedded])
            ids = [image.image_id for image in embedded]
            write_embeddings(self.output, self.embeddings, name, ids, matrix)
        items: list[ImageItem] = [image.metadata["item"] for image in task.data]
        for image, item in zip(task.data, items, strict=True):
            item.scores |= _model_scores(image.aesthetic_score, image.nsfw_score)
        part = join(self.parts, ROWS, f"{name}.parquet")
        counts = task._metadata.get(PASSED_OVER, {})
        write_table(part, with_counts(image_rows(items), counts))
        self.log_metric("images", len(items))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for, and what belongs to them."""
        for name in list_names(join(self.parts, ROWS)):
            part = join(self.parts, ROWS, name)
            if part not in committed:
                remove(join(self.parts, PRINTS, name))
                remove(part)


def _model_scores(aesthetic: float | None, nsfw: float | None) -> dict[str, Any]:
    scores = {"aesthetic_score": aesthetic, "nsfw_score": nsfw}
    return {name: value for name, value in scores.items() if value is not None}
