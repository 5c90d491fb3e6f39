"""Write the segments that are kept: cut out of the input files again, at their own rate unless asked for.

Which those are is read from a table of marks, so that it can change without anything being measured.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from curator_audio.read.decode import open_audio
from curator_audio.read.stored import StoredAudio, stored_audio
from curator_audio.recordings.cut_file import AudioFormat, cut_file, ending_for
from curator_engine.errors import InputError
from curator_engine.files.listing import check_unchanged
from curator_engine.files.paths import join
from curator_engine.files.storage import open_read, remove_others, storage_errors
from curator_engine.items.marks import kept_marks
from curator_engine.stage import ProcessingStage
from curator_engine.stages.small_files import files_of, name_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, file_safe

DATA = "data"
"""The folder of the kept segments."""
MARKS = ("source", "position", "uuid", "start_s", "end_s", "recording_s", "keep")
"""Columns of a table of marks."""
PLACED = pa.schema(
    [
        pa.field("uuid", pa.string()),
        pa.field("path", pa.string()),
        pa.field("num_bytes", pa.int64()),
        pa.field("rate", pa.int32()),
        pa.field("channels", pa.int32()),
        pa.field("samples", pa.int64()),
    ]
)
"""What is known of each file that was written; `path` is from the folder of the run."""


@dataclass(kw_only=True)
class WriteSegments(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write the kept segments of input files; gives a reference to a table of where each lies.

    That table comes last: where it is, what it speaks of is complete. The same input and marks give the
    same files, also after a run that was killed.
    """

    marks: str
    """A Parquet file with the columns of `MARKS`."""
    output: str
    """Folder of the run; files go into `data/` below it."""
    parts: str
    """Folder for the tables, of `PLACED`."""
    audio_format: AudioFormat = "flac"
    rate: int | None = None
    """Samples per second of the files; those of each recording unless given."""
    mono: bool = False
    writes_to: ClassVar[tuple[str, ...]] = ("output", "parts")

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Write what is kept of the task's files.

        Raises:
            InputError: A file has changed since it was measured.
            UnreadableFileError: A file cannot be read.
            StorageError: A file cannot be written.
        """
        files = files_of(task)
        kept = kept_rows(self.marks, [name_of(file) for file in files])
        placed: list[dict[str, Any]] = []
        for file in files:
            placed += self._write(file, kept.get(name_of(file), {}))
        part = join(self.parts, f"{file_safe(task.task_id)}.parquet")
        write_table(part, pa.Table.from_pylist(placed, PLACED))
        self.log_metric("segments_written", len(placed))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for."""
        remove_others(self.parts, committed)

    def _write(
        self, file: FileGroupTask, kept: dict[int, list[dict[str, Any]]]
    ) -> list[dict[str, Any]]:
        if not kept:
            return []
        path, placed, left = file.data[0], list[dict[str, Any]](), set(kept)
        check_unchanged(path, file.stamp)
        for position, stored in enumerate(stored_audio(path)):
            if position in left:
                left.discard(position)
                placed += self._cut(stored, kept[position])
            if not left:
                return placed
        raise InputError(
            f"{len(left):,} kept recordings are not in {path} any more: it has changed since it was "
            "measured; run again."
        )

    def _cut(self, stored: StoredAudio, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        recording = open_audio(stored.source)
        placed: list[dict[str, Any]] = []
        ending = ending_for(recording, self.audio_format, mono=self.mono)
        for row in rows:
            path = join(DATA, f"{row['uuid']}.{ending}")
            target = join(self.output, path)
            # Seconds of the table are rounded, which must not cost the last sample of a recording.
            ends = stored.end_s is None and row["end_s"] >= row["recording_s"]
            written = cut_file(
                recording,
                target,
                (row["start_s"], None if ends else row["end_s"]),
                audio_format=self.audio_format,
                rate=self.rate,
                mono=self.mono,
            )
            with storage_errors(target, "reading"), open_read(target) as made:
                size = made.seek(0, 2)
            about = {"rate": written.rate, "channels": written.channels, "samples": written.samples}
            placed.append({"uuid": row["uuid"], "path": path, "num_bytes": size, **about})
        return placed


def kept_rows(marks: str, names: list[str]) -> dict[str, dict[int, list[dict[str, Any]]]]:
    """Rows of kept segments, by the name of their file and the number of their recording in it.

    Args:
        marks: A Parquet file with the columns of `MARKS`.
        names: Of the files that count.

    Raises:
        StorageError: The table cannot be read.
    """
    found: dict[str, dict[int, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in kept_marks(marks, names, columns=MARKS):
        found[row["source"]][row["position"]].append(row)
    return found
