"""The stage that marks transcripts of what nobody said, as NeMo Curator's."""

from dataclasses import dataclass, field

from curator_audio.task import AudioTask
from curator_audio.transcripts.hallucination import (
    COMMON_PHRASES,
    HallucinationLimits,
    hallucination_signs,
    read_phrases,
)
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage

_MARK = "Hallucination"


@positional(
    *("common_hall_file", "unique_words_threshold", "long_word_threshold"),
    *("agglutinative_long_word_threshold", "long_word_rel_threshold", "max_char_rate"),
    *("language_key", "duration_key", "text_key", "skip_me_key", "notes_key", "overwrite"),
    *("recovery_value", "name", "resources"),
)
@dataclass(kw_only=True)
class WhisperHallucinationStage(ProcessingStage[AudioTask, AudioTask]):
    """Mark an entry whose transcript shows signs that nobody said it.

    Phrases are compared without marks and capitals, where NeMo Curator compares capitals too.

    Example:
        WhisperHallucinationStage(text_key="pred_text", max_char_rate=30.0)
    """

    name: str = "WhisperHallucination"
    common_hall_file: str = ""
    """File with stock phrases, one per line; a short list of our own if empty."""
    unique_words_threshold: float = 0.4
    """Share of different words, at or below which a text repeats itself."""
    long_word_threshold: int = 25
    """Characters from which a word is too long."""
    agglutinative_long_word_threshold: int = 35
    """The same in languages that build long words."""
    long_word_rel_threshold: float = 3.0
    """By how many times its length the longest word may exceed the second longest."""
    max_char_rate: float = 40.0
    """Most characters per second."""
    language_key: str = "language"
    duration_key: str = "duration"
    text_key: str = "pred_text"
    skip_me_key: str = "_skipme"
    """Key of the mark, "Hallucination:NAME"; an entry that has another mark is left alone."""
    notes_key: str = "additional_notes"
    overwrite: bool = False
    """Look at marked entries again, and take the mark of this kind off those that have no signs now."""
    recovery_value: str = ""
    """Note for entries whose mark was taken off."""
    _phrases: tuple[str, ...] = field(default=COMMON_PHRASES, init=False, repr=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Read the phrases.

        Raises:
            InputError: The file cannot be read.
        """
        if self.common_hall_file:
            self._phrases = read_phrases(self.common_hall_file)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The transcript."""
        return [], [self.text_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Mark an entry, or take its mark off."""
        entry = task.data
        mark, text = str(entry.get(self.skip_me_key) or ""), entry.get(self.text_key)
        is_ours = mark.startswith(_MARK)
        if not isinstance(text, str) or not text.strip() or (mark and not self.overwrite):
            return task
        signs = hallucination_signs(
            text,
            seconds=float(entry.get(self.duration_key) or 0.0),
            language=str(entry.get(self.language_key) or ""),
            phrases=self._phrases,
            limits=HallucinationLimits(
                least_unique_words=self.unique_words_threshold,
                long_word=self.long_word_threshold,
                long_word_agglutinative=self.agglutinative_long_word_threshold,
                long_word_ratio=self.long_word_rel_threshold,
                most_characters_per_s=self.max_char_rate,
            ),
        )
        for sign in signs:
            self.log_metric(sign, 1)
        if signs and (is_ours or not mark):
            entry[self.skip_me_key] = f"{_MARK}:{self.name}"
        elif is_ours and not signs:
            entry[self.skip_me_key] = ""
            notes = str(entry.get(self.notes_key) or "")
            entry[self.notes_key] = "; ".join(filter(None, [notes, self.recovery_value]))
        return task
