"""Write what is known of a batch of segments: its part of `segments.parquet`."""

from dataclasses import dataclass
from typing import ClassVar

from curator_audio.recordings.segment_table import segment_rows
from curator_audio.task import AudioBatch
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_others
from curator_engine.stage import ProcessingStage
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, file_safe

ROWS = "rows"
"""The folder of the parts."""


@dataclass(kw_only=True)
class WriteRows(ProcessingStage[AudioBatch, FileGroupTask]):
    """Write rows of segments.

    Example:
        >>> WriteRows(parts="out/.cache/parts").process(batch).data
        ['out/.cache/parts/rows/0_0.parquet']
    """

    parts: str
    """Folder for the parts, which are joined when all are there: `rows` in it."""
    writes_to: ClassVar[tuple[str, ...]] = ("parts",)

    def process(self, task: AudioBatch) -> FileGroupTask:
        """Write the rows of a batch.

        Raises:
            StorageError: A file cannot be written.
        """
        part = join(self.parts, ROWS, f"{file_safe(task.task_id)}.parquet")
        write_table(part, segment_rows(task.data))
        self.log_metric("segments", len(task.data))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for."""
        remove_others(join(self.parts, ROWS), committed)
