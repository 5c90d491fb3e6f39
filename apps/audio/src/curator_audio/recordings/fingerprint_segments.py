"""Fingerprint segments, or whole recordings: decoded again, block by block, so that nothing is held whole."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from curator_audio.duplicates.exact import SampleHash
from curator_audio.duplicates.fingerprint import FINGERPRINTS, Fingerprinter
from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import Recording, SpeechTrack, open_audio
from curator_audio.read.stored import StoredAudio, stored_audio
from curator_audio.recordings.hear import span_blocks
from curator_audio.recordings.write_segments import kept_rows
from curator_engine.errors import UnreadableFileError
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_others
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import files_of, name_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, file_safe


@dataclass(kw_only=True)
class FingerprintSegments(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write the fingerprints of segments of input files; gives a reference to a table of them.

    Example:
        >>> stage = FingerprintSegments(parts="out/.cache/prints")
        >>> stage.process(FileGroupTask(data=["talk.flac"])).data
        ['out/.cache/prints/0.parquet']
    """

    parts: str
    """Folder for the tables, of `FINGERPRINTS`."""
    marks: str = ""
    """A Parquet file with the columns of `write_segments.MARKS`, whose kept rows are meant; without it every
    recording is, under the name of its place."""
    writes_to: ClassVar[tuple[str, ...]] = ("parts",)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Fingerprint what is meant of the task's files; what cannot be decoded is rejected.

        Raises:
            StorageError: A file cannot be written.
        """
        rows: list[dict[str, Any]] = []
        count = 0
        for file in files_of(task):
            for stored, spans in self._meant(file):
                try:
                    rows += _fingerprints(stored, spans)
                    count += len(spans)
                except UnreadableFileError as error:
                    # The engine counts what is rejected by itself.
                    reason = error.reason if isinstance(error, AudioError) else str(error)
                    self.reject(Rejection(file=stored.place, reason=reason))
        self.count_rows(count)
        part = join(self.parts, f"{file_safe(task.task_id)}.parquet")
        write_table(part, pa.Table.from_pylist(rows, FINGERPRINTS))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for."""
        remove_others(self.parts, committed)

    def _meant(
        self, file: FileGroupTask
    ) -> Iterator[tuple[StoredAudio, dict[str, tuple[float, float | None]]]]:
        """Recordings, and the spans of them by id."""
        if not self.marks:
            for stored in stored_audio(file.data[0]):
                yield stored, {stored.place: (stored.start_s, stored.end_s)}
            return
        name = name_of(file)
        wanted = kept_rows(self.marks, [name]).get(name, {})
        for position, stored in enumerate(stored_audio(file.data[0])):
            if rows := wanted.get(position):
                yield stored, {row["uuid"]: _span(stored, row) for row in rows}


def fingerprint_of(path: str) -> pa.Table:
    """The fingerprint of a recording's file, of FINGERPRINTS; of several recordings in it, of the first.

    Raises:
        UnreadableFileError: It cannot be decoded.
    """
    stored = next(stored_audio(path), None)
    if stored is None:
        raise AudioError(path, "it holds no recording")
    rows = list(_fingerprints(stored, {stored.place: (stored.start_s, stored.end_s)}))
    return pa.Table.from_pylist(rows, FINGERPRINTS)


def _span(stored: StoredAudio, row: dict[str, Any]) -> tuple[float, float | None]:
    """Of a row; seconds are rounded there, which must not cost the last sample of a recording."""
    ends = stored.end_s is None and row["end_s"] >= row["recording_s"]
    return row["start_s"], None if ends else row["end_s"]


def _fingerprints(
    stored: StoredAudio, spans: dict[str, tuple[float, float | None]]
) -> Iterator[dict[str, Any]]:
    """A row for each span.

    Raises:
        UnreadableFileError: It cannot be decoded.
    """
    if stored.problem:
        raise AudioError(stored.place, stored.problem)
    recording = open_audio(stored.source)
    for uuid, span in spans.items():
        # Equal bytes say that spans are equal only if these begin and end alike.
        named = f"{stored.sha256} {span[0]:.3f} {span[1]}"
        yield _fingerprint(recording, uuid, span, hashlib.sha256(named.encode()).digest())


def _fingerprint(
    recording: Recording, uuid: str, span: tuple[float, float | None], sha256: bytes
) -> dict[str, Any]:
    track, maker = SpeechTrack(recording.rate), Fingerprinter()
    hashed = SampleHash(rate=recording.rate, channels=recording.channels)
    for block in span_blocks(recording, *span):
        hashed.add(block)
        maker.add(track.feed(block))
    maker.add(track.finish())
    return maker.finish(uuid, sha256=sha256, samples=hashed.digest())
