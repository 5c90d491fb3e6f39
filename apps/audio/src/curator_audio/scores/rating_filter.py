"""Filters of entries, or of their segments, by what a network says of how they sound."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

from curator_audio.models.transcript import Clip
from curator_audio.read.entry_samples import entry_samples
from curator_audio.read.entry_span import segment_entry
from curator_audio.task import AudioTask
from curator_engine.stage import ProcessingStage

type _Row = dict[str, Any]
_SEGMENTS, _WAVEFORM = "segments", "waveform"


@dataclass(kw_only=True)
class RatingFilter(ProcessingStage[AudioTask, AudioTask]):
    """Rate each entry, keep those that no threshold drops, and set their ratings.

    An entry with `segments` has those rated instead: those that stay are kept, and the entry with them.
    Samples that an entry or a segment carries (`waveform`, `sample_rate`) come before its file.
    """

    audio_filepath_key: str = "audio_filepath"
    """The key of the recording's path."""

    @abstractmethod
    def rating_rate(self) -> int:
        """Samples per second of what is rated."""

    @abstractmethod
    def ratings(self, clip: Clip) -> dict[str, float] | None:
        """Each rating by its key; None for a clip that is too short."""

    @abstractmethod
    def thresholds(self) -> dict[str, float | None]:
        """The least of each rating that drops nothing, by its key; None for those that drop nothing."""

    def outputs(self) -> tuple[list[str], list[str]]:
        """The ratings are on the entry, or on its segments."""
        return ["data"], []

    def process(self, task: AudioTask) -> AudioTask | None:
        """Rate an entry.

        Raises:
            AudioError: The recording cannot be decoded.
        """
        entry = task.data
        if _SEGMENTS not in entry:
            return task if self._keeps(entry, entry) else None
        entry[_SEGMENTS] = [row for row in entry[_SEGMENTS] if self._keeps(entry, row)]
        return task if entry[_SEGMENTS] else None

    def _keeps(self, entry: _Row, row: _Row) -> bool:
        found = self.ratings(self._samples(entry, row))
        if found is None:
            self.count_drops({"too short": 1})
            return False
        for key, least in self.thresholds().items():
            # A rating that is no number is not enough.
            if least is not None and not found[key] >= least:
                self.count_drops({key: 1})
                return False
        row.update(found)
        return True

    def _samples(self, entry: _Row, row: _Row) -> Clip:
        """Of an entry or a segment of it; times as `entry_span` has them, or `start` and `end` in seconds."""
        key = self.audio_filepath_key
        return entry_samples(
            segment_entry(entry, row, audio_filepath_key=key),
            rate=self.rating_rate(),
            audio_filepath_key=key,
            waveform_key=None if row.get(_WAVEFORM) is None else _WAVEFORM,
        )
