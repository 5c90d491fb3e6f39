"""NeMo Curator's stage that makes a table of what is known of pictures, for stages that take rows."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_image.task import ImageBatch, ImageObject


@positional("fields")
@dataclass(kw_only=True)
class ConvertImageBatchToDocumentBatchStage(ProcessingStage[ImageBatch, TableTask]):
    """Make a table with a row per picture."""

    fields: list[str] = field(default_factory=list[str])
    """Attributes of pictures, or names in their metadata, that become columns; only `image_id` unless given."""
    name: str = "convert_image_batch_to_document_batch"

    def process(self, task: ImageBatch) -> TableTask:
        """The table.

        Raises:
            SettingsError: No picture of the batch has such a field, or its values are no column.
        """
        columns = {name: self._column(name, task.data) for name in self.fields or ["image_id"]}
        return TableTask(
            data=pa.table(columns), dataset_name=task.dataset_name, _metadata=dict(task._metadata)
        )

    def _column(self, name: str, images: list[ImageObject]) -> "pa.Array[Any]":
        known = set(ImageObject.__dataclass_fields__)
        if name not in known and not any(name in image.metadata for image in images):
            raise SettingsError(
                f"pictures have no field {name!r}; there are {', '.join(sorted(known))}, and what is in "
                "their metadata."
            )
        try:
            return pa.array([_value(image, name) for image in images])
        except (pa.ArrowException, TypeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise SettingsError(f"the field {name!r} is no column ({reason}).") from error


def _value(image: ImageObject, name: str) -> Any:
    value = getattr(image, name) if hasattr(image, name) else image.metadata.get(name)
    if isinstance(value, np.ndarray):
        return value if value.ndim == 1 else value.tolist()
    return value
