"""Segments for training voices or recognisers, out of words with times and speakers, as NeMo Curator cuts them."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from curator_audio.task import AudioTask
from curator_audio.transcripts.words_by_speaker import (
    NOBODY,
    MergeAlignmentDiarizationStage,
    add_non_speaker_segments,
)
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage

type Row = dict[str, Any]
_METRICS = ("pesq_squim", "stoi_squim", "sisdr_squim", "bandwidth")


@positional(
    *("module", "min_duration", "max_duration", "max_pause", "text_key", "words_key"),
    *("terminal_punct_marks", "full_utterance_ratio", "punctuation_split_only", "name"),
)
@dataclass(kw_only=True)
class PrepareModuleSegmentsStage(ProcessingStage[AudioTask, AudioTask]):
    """Cut an entry anew: at the ends of sentences, and what is longer at words, within lengths.

    For "tts" a segment has one speaker, and ends at long pauses and where the bandwidth changes; for
    "asr" it may have several, and its greatest length is drawn, from the path, between the two.

    Example:
        PrepareModuleSegmentsStage("asr", min_duration=2.0, max_duration=30.0)
    """

    name: str = "PrepareModuleSegments"
    module: str = "tts"
    """tts or asr."""
    min_duration: float = 5.0
    """Seconds below which sentences are joined."""
    max_duration: float = 20.0
    """Most seconds of a segment."""
    max_pause: float = 2.0
    """Longest pause in a segment, with tts."""
    text_key: str = "text"
    words_key: str = "words"
    terminal_punct_marks: str = (
        ".!?\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH QUESTION MARK}\N{FULLWIDTH EXCLAMATION MARK}"
    )
    """What ends a sentence."""
    full_utterance_ratio: float = 1.0
    """Share of the time that is cut at the ends of sentences; the rest is cut by length."""
    punctuation_split_only: bool = False
    """Leave out what has no end of a sentence."""

    def __post_init__(self) -> None:
        if self.module not in ("tts", "asr"):
            raise SettingsError(f"module={self.module!r} is not tts or asr.")
        if not 0 < self.min_duration <= self.max_duration:
            raise SettingsError("min_duration must be above 0 and at most max_duration.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """Segments, and how long the recording is."""
        return [], ["segments", "duration"]

    def process(self, task: AudioTask) -> AudioTask:
        """Set the segments."""
        entry = task.data
        source = str(entry.get("audio_filepath", entry.get("audio_item_id", "")))
        digest = hashlib.md5(source.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()
        cut = _Cut(self, random.Random(int(digest[:8], 16)))
        words = self._words(entry)
        found: list[list[Row]] = []
        if self.module == "asr":
            found = cut.sentences(words) if words else []
        else:
            for speaker, said in groupby(words, key=lambda each: each["speaker"]):
                if speaker not in (NOBODY, None):
                    found += cut.sentences(list(said))
        entry["segments"] = [self._segment(each) for each in found]
        return task

    def _words(self, entry: Row) -> list[Row]:
        """The words of all segments with who says them, in order."""
        segments: list[Row] = entry["segments"]
        if "overlap_segments" not in entry:
            add_non_speaker_segments(segments, entry["duration"])
            MergeAlignmentDiarizationStage.align_words_to_segments(
                entry.get("alignment") or [], segments, self.text_key, self.words_key
            )
        words: list[Row] = []
        for segment in segments:
            if str(segment.get(self.text_key) or "").strip():
                found: Any = segment.get("metrics")
                about: Row = found if isinstance(found, dict) else {}
                known = {name: about.get(name) for name in _METRICS}
                who = {"speaker": segment.get("speaker")}
                words += [{**each, **who, **known} for each in segment.get(self.words_key) or []]
        return words

    def _segment(self, words: list[Row]) -> Row:
        who = dict.fromkeys(str(each["speaker"]) for each in words)
        return {
            "speaker": ",".join(who),
            "start": words[0]["start"],
            "end": words[-1]["end"],
            self.text_key: " ".join(each["word"] for each in words),
            self.words_key: [
                {key: each[key] for key in ("word", "start", "end")} for each in words
            ],
            "metrics": {name: [each[name] for each in words] for name in _METRICS},
        }


@dataclass
class _Cut:
    """Cuts words of one entry."""

    rule: PrepareModuleSegmentsStage
    draw: random.Random

    def sentences(self, words: list[Row]) -> list[list[Row]]:
        """Words cut at the ends of sentences, and what is too long by length."""
        rule = self.rule
        ends = [
            i
            for i, each in enumerate(words)
            if str(each["word"])[-1:] in rule.terminal_punct_marks and each["word"]
        ]
        if not ends:
            return [] if rule.punctuation_split_only else self.lengths(words)
        groups = list(self._groups(words, ends))
        most = rule.full_utterance_ratio * sum(_seconds(words[a:b]) for a, b in groups)
        found: list[list[Row]] = []
        so_far, at = 0.0, 0
        for start, end in groups:
            part = words[start:end]
            so_far += _seconds(part)
            at = end
            if rule.full_utterance_ratio < 1 and so_far > most:
                at = groups[-1][1]
                found += self.lengths(words[start:at])
                break
            if _seconds(part) > rule.max_duration:
                found += self.lengths(part)
            elif self._is_valid(part):
                found.append(part)
        return found + (self.lengths(words[at:]) if at < len(words) else [])

    def _groups(self, words: list[Row], ends: list[int]) -> Iterator[tuple[int, int]]:
        """Sentences; short ones are joined as far as the greatest length allows."""
        start, at = 0, 0
        while at < len(ends):
            if words[ends[at]]["end"] - words[start]["start"] < self.rule.min_duration:
                while (
                    at + 1 < len(ends)
                    and words[ends[at + 1]]["end"] - words[start]["start"] <= self.rule.max_duration
                ):
                    at += 1
            yield start, ends[at] + 1
            start, at = ends[at] + 1, at + 1

    def lengths(self, words: list[Row]) -> list[list[Row]]:
        """Words cut where they get too long; with tts also at long pauses, and where the bandwidth changes."""
        most, parts = self._most(), list[list[Row]]()
        for word in words:
            part = parts[-1] if parts else []
            if part and word["end"] - part[0]["start"] > most:
                most = self._most()
            elif part and not self._breaks(part, word):
                part.append(word)
                continue
            parts.append([word])
        return [each for each in parts if self._is_valid(each)]

    def _most(self) -> float:
        rule = self.rule
        if rule.module == "tts":
            return rule.max_duration
        return self.draw.randint(int(rule.min_duration), int(rule.max_duration))

    def _breaks(self, part: list[Row], word: Row) -> bool:
        if self.rule.module != "tts" or _seconds(part) < self.rule.min_duration:
            return False
        pause = word["start"] - part[-1]["end"]
        return pause > self.rule.max_pause or word["bandwidth"] != part[-1]["bandwidth"]

    def _is_valid(self, part: list[Row]) -> bool:
        """Whether anything is said, and not by one endless word."""
        if len(part) == 1 and _seconds(part) > self.rule.max_duration:
            return False
        return bool("".join(each["word"] for each in part).strip())


def _seconds(words: list[Row]) -> float:
    return words[-1]["end"] - words[0]["start"]
