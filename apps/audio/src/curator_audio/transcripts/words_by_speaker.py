"""Whose the words of an aligned transcript are: words with times into turns of speakers, as NeMo Curator does it."""

from dataclasses import dataclass
from typing import Any

from curator_audio.task import AudioTask
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage

type Row = dict[str, Any]
NOBODY = "no-speaker"


@positional("text_key", "words_key", "name")
@dataclass(kw_only=True)
class MergeAlignmentDiarizationStage(ProcessingStage[AudioTask, AudioTask]):
    """Give each segment of an entry its words, of those in `alignment`, and its text.

    Example:
        >>> entry = {
        ...     "segments": [{"start": 0.0, "end": 1.0, "speaker": "a"}],
        ...     "alignment": [{"word": "so", "start": 0.1, "end": 0.4}],
        ... }
        >>> task = MergeAlignmentDiarizationStage().process(AudioTask(data=entry))
        >>> task.data["segments"][0]["text"]
        'so'
    """

    name: str = "MergeAlignmentDiarization"
    text_key: str = "text"
    """Key of a segment's text."""
    words_key: str = "words"
    """Key of its words."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """Words and turns."""
        return [], ["alignment", "segments"]

    def process(self, task: AudioTask) -> AudioTask:
        """Set the words of each segment."""
        words, segments = task.data.get("alignment") or [], task.data.get("segments") or []
        if words and segments:
            self.align_words_to_segments(words, segments, self.text_key, self.words_key)
        return task

    @staticmethod
    def align_words_to_segments(
        alignment: list[Row], segments: list[Row], text_key: str, words_key: str
    ) -> None:
        """Set words and text of segments: a word is that of the segment with which it shares most time.

        Of segments that share as much, the earlier has it; a word that lies in none is nobody's.
        """
        if not alignment or not segments:
            return
        words: list[list[Row]] = [[] for _ in segments]
        order = sorted(range(len(segments)), key=lambda i: segments[i].get("start", 0))
        first = 0
        for word in sorted(alignment, key=lambda each: each.get("start", 0)):
            # Segments that end before this word are of no use for those that follow.
            while first < len(order) and segments[order[first]].get("end", 0) <= word["start"]:
                first += 1
            near = order[first : first + 2]
            best = max(near, key=lambda i: _shared(word, segments[i]), default=None)
            if best is not None and _belongs(word, segments[best]):
                words[best].append(word)
        for segment, found in zip(segments, words, strict=True):
            segment[text_key] = " ".join(each.get("word", "") for each in found)
            segment[words_key] = found


def add_non_speaker_segments(
    segments: list[Row], audio_duration: float, max_length: float | None = None
) -> None:
    """Fill the gaps between segments, in place, with segments in which nobody speaks; sorted by their starts.

    Args:
        segments: With `start` and `end` in seconds, in order.
        audio_duration: Of the recording.
        max_length: Of a new segment; longer gaps become several.
    """
    gaps: list[tuple[float, float]] = []
    last = 0.0
    for each in segments:
        if each["start"] > last:
            gaps.append((last, each["start"]))
        last = each["end"]
    if last < audio_duration:
        gaps.append((last, audio_duration))
    for start, end in gaps:
        at = start
        while at < end:
            until = end if max_length is None else min(at + max_length, end)
            segments.append({"speaker": NOBODY, "start": at, "end": until})
            at = until
    segments.sort(key=lambda each: each["start"])


def _shared(word: Row, segment: Row) -> float:
    return min(word["end"], segment.get("end", 0)) - max(word["start"], segment.get("start", 0))


def _belongs(word: Row, segment: Row) -> bool:
    """Whether they share time; a word without length belongs to the segment that it lies in."""
    shared = _shared(word, segment)
    return shared > 0 or (shared == 0 and word["start"] == word["end"])
