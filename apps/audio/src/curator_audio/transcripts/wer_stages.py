"""The stages that compare transcripts with references, as NeMo Curator's."""

from dataclasses import dataclass, replace
from typing import Any

from curator_audio.task import AudioTask
from curator_audio.transcripts.error_rate import ErrorRate, character_errors, word_errors
from curator_audio.transcripts.normalize import normalize
from curator_audio.transcripts.speech_rate import speech_rate
from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage


@positional("name", "text_key", "pred_text_key", "wer_key")
@dataclass(kw_only=True)
class GetPairwiseWerStage(ProcessingStage[AudioTask, AudioTask]):
    """Set the word error rate of an entry, in percent, of its texts as they are.

    An entry without one of the texts, or with an empty reference, gets none.

    Example:
        GetPairwiseWerStage(text_key="text", pred_text_key="pred_text")
    """

    name: str = "GetPairwiseWerStage"
    text_key: str = "text"
    """Key of the reference."""
    pred_text_key: str = "pred_text"
    """Key of what a recogniser wrote."""
    wer_key: str = "wer_pct"

    def inputs(self) -> tuple[list[str], list[str]]:
        """Both texts."""
        return [], [self.text_key, self.pred_text_key]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The rate."""
        return [], [self.wer_key]

    def process(self, task: AudioTask) -> AudioTask:
        """Compare the texts of an entry."""
        reference, heard = (task.data.get(key) for key in (self.text_key, self.pred_text_key))
        if reference is None or heard is None:
            return task
        rate = word_errors(str(reference), str(heard)).rate
        if rate is not None:
            task.data[self.wer_key] = round(100 * rate, 2)
        return task


@positional(
    *("language", "hypothesis_text_key", "reference_text_key", "num_words_threshold"),
    *("num_words_look_back", "compute_pnc_wer", "pnc_chars", "edge_length", "segments_key", "name"),
)
@dataclass(kw_only=True)
class ComputeWERStage(ProcessingStage[AudioTask, AudioTask]):
    """Set `metrics` of an entry, or of each of its segments: word and character error rates and more.

    Texts are normalised by `normalize.py`, where NeMo Curator needs the NeMo toolkit. `start_cer` and
    `end_cer` compare the first and last characters only: a cut through a word shows there.

    Example:
        ComputeWERStage(language="en", hypothesis_text_key="pred_text", reference_text_key="text")
    """

    name: str = "ComputeWER"
    language: str = "en"
    """Code of the texts' language."""
    hypothesis_text_key: str = "text"
    reference_text_key: str = "text_ref"
    num_words_threshold: int = 200
    """Kept for callers of NeMo Curator: our normaliser takes texts of any length."""
    num_words_look_back: int = 5
    """Kept for callers of NeMo Curator."""
    compute_pnc_wer: bool = False
    """Compare the texts with their punctuation and capitals as well."""
    pnc_chars: str = "\u060c\u061f.\u3001\uff1f\u00bf!,?\u0964"
    """Marks that count as punctuation then."""
    edge_length: int = 12
    """Characters of an edge."""
    segments_key: str = "segments"

    def __post_init__(self) -> None:
        if self.edge_length < 1:
            raise SettingsError(f"edge_length={self.edge_length} is below 1.")
        if self.num_words_look_back >= self.num_words_threshold:
            raise SettingsError(
                f"num_words_look_back ({self.num_words_look_back}) must be less than "
                f"num_words_threshold ({self.num_words_threshold})."
            )

    def process(self, task: AudioTask) -> AudioTask:
        """Compare the texts of an entry, or of its segments.

        Raises:
            SettingsError: One of the texts is missing.
        """
        parts: list[dict[str, Any]] = task.data.get(self.segments_key, [task.data])
        for part in parts:
            part["metrics"] = {**part.get("metrics", {}), **self._metrics(part)}
        return task

    def _metrics(self, part: dict[str, Any]) -> dict[str, Any]:
        for key in (self.hypothesis_text_key, self.reference_text_key):
            if not isinstance(part.get(key), str):
                raise SettingsError(f"an entry or segment has no text {key!r} to compare.")
        raw_heard, raw_reference = part[self.hypothesis_text_key], part[self.reference_text_key]
        heard, reference = (
            normalize(text, language=self.language) for text in (raw_heard, raw_reference)
        )
        if not reference:
            return {"wer": None, "cer": None, "metric_skip_reason": "empty_reference"}
        edge = self.edge_length
        seconds = part.get("end", part.get("duration", 0.0)) - part.get("start", 0.0)
        said = speech_rate(raw_heard, seconds)
        found: dict[str, Any] = {
            "char_rate": round(said.characters, 2),
            "word_rate": round(said.words, 2),
            "wer": _shown("wer", word_errors(reference, heard)),
            "cer": _shown("cer", character_errors(reference, heard)),
            "start_cer": _shown("cer", character_errors(reference[:edge], heard[:edge])),
            "end_cer": _shown("cer", character_errors(reference[-edge:], heard[-edge:])),
        }
        if self.compute_pnc_wer:
            heard, reference = (self._with_marks(text) for text in (raw_heard, raw_reference))
            found["wer_pnc"] = _shown("wer", word_errors(reference, heard))
            found["cer_pnc"] = _shown("cer", character_errors(reference, heard))
        return found

    def _with_marks(self, text: str) -> str:
        """The text with each mark of punctuation as a word of its own, and no others."""
        kept = "".join(
            f" {c} " if c in self.pnc_chars else c if c.isalnum() or c in " '" else " "
            for c in text
        )
        return " ".join(kept.split())


def _shown(name: str, errors: ErrorRate) -> dict[str, Any]:
    tokens = errors.tokens
    kinds = {
        "ins_rate": replace(errors, deletions=0, substitutions=0),
        "del_rate": replace(errors, insertions=0, substitutions=0),
        "sub_rate": replace(errors, insertions=0, deletions=0),
    }
    rates = {kind: round(each.rate or 0.0, 4) for kind, each in kinds.items()}
    return {name: round(errors.rate or 0.0, 4), "tokens": tokens, **rates}
