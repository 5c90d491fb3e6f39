"""Whisper by transformers: language, words with times, and how sure it is of them.

Clips over 30 s are cut at quiet places, each piece is heard alone: nothing is carried over from one to
the next, so that a loop in one piece stays there. Greedy, so that the same clip gives the same text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from typing import Any

import numpy as np
import torch
from transformers import WhisperForConditionalGeneration, WhisperProcessor
from transformers.utils import logging as transformers_logging

from curator_audio.models.pieces import pieces_of
from curator_audio.models.transcript import RATE, Clip, Transcript, Word, joined
from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.loading import load_from, load_network, place_of
from curator_engine.models.questions import short_name

_SHORTEST = RATE // 10
"""Samples to which shorter pieces are filled up: of less, no times can be found."""


class Whisper:
    """Transcribes by a Whisper model in a folder, or of the hub.

    Raises:
        InputError: There is no such model, or it does not know the language.
    """

    def __init__(
        self, model: str, *, device: Device = "auto", language: str = "", batch: int = 8
    ) -> None:
        # It would warn in each call of how Whisper's own code calls it.
        transformers_logging.set_verbosity_error()
        place = place_of(device)
        kind = torch.float16 if place == "cuda" else torch.float32
        self._processor: Any = load_from(WhisperProcessor, model)
        loaded: Any = load_network(WhisperForConditionalGeneration, model, dtype=kind)
        self._model = loaded.to(place).eval()
        self._place, self._kind, self._batch = place, kind, batch
        facts = self._model.generation_config
        self._is_multilingual = bool(getattr(facts, "is_multilingual", False))
        self._has_times = bool(getattr(facts, "alignment_heads", None))
        known = {mark.strip("<|>") for mark in getattr(facts, "lang_to_id", None) or {}}
        if language and self._is_multilingual and language not in known:
            raise InputError(
                f"the model {model!r} does not know the language {language!r}; it knows "
                f"{', '.join(sorted(known)[:12])}."
            )
        self._language = language
        self.name = short_name(model)

    def transcribe(self, clips: list[Clip]) -> list[Transcript]:
        """A transcript per clip."""
        longest_s = self._processor.feature_extractor.chunk_length
        pieces = [
            (i, *piece)
            for i, clip in enumerate(clips)
            for piece in pieces_of(clip, longest_s=longest_s)
        ]
        heard: list[list[tuple[float, Transcript]]] = [[] for _ in clips]
        for group in batched(pieces, self._batch):
            found = self._hear([piece for _, _, piece in group])
            for (i, start, _), transcript in zip(group, found, strict=True):
                heard[i].append((start / RATE, transcript))
        return [joined(parts) for parts in heard]

    def _hear(self, pieces: list[Clip]) -> Iterator[Transcript]:
        """Transcripts of pieces that the model hears at once."""
        padded = [np.pad(piece, (0, max(0, _SHORTEST - len(piece)))) for piece in pieces]
        features = self._processor.feature_extractor(
            padded, sampling_rate=RATE, return_tensors="pt", return_attention_mask=True
        )
        spoken = {"task": "transcribe", "language": self._language or None}
        with torch.inference_mode():
            made = self._model.generate(
                features.input_features.to(self._place, self._kind),
                attention_mask=features.attention_mask.to(self._place),
                # With times among its tokens it makes up less over what is no speech.
                return_timestamps=True,
                return_token_timestamps=self._has_times,
                return_dict_in_generate=True,
                output_scores=True,
                # Of these calls it returns the scores of all tokens.
                force_unique_generate_call=True,
                do_sample=False,
                num_beams=1,
                **(spoken if self._is_multilingual else {}),
            )
            scores = self._model.compute_transition_scores(
                made["sequences"], made["scores"], normalize_logits=True
            )
        chances = scores.float().exp().cpu().numpy()
        ids = made["sequences"].cpu().numpy()
        times = made["token_timestamps"].cpu().numpy() if self._has_times else None
        for i, piece in enumerate(pieces):
            yield self._read(ids[i], chances[i], None if times is None else times[i], piece)

    def _read(self, ids: Any, chances: Any, times: Any, piece: Clip) -> Transcript:
        """The transcript that tokens are; `chances` are those of the last ones."""
        tokenizer = self._processor.tokenizer
        special = set(tokenizer.all_special_ids)
        first = len(ids) - len(chances)
        written = [
            _Token(
                id=int(ids[i]),
                chance=float(chances[i - first]),
                start=float(times[i]) if times is not None else 0.0,
            )
            for i in range(first, len(ids))
            if int(ids[i]) not in special and not self._is_time(int(ids[i]))
        ]
        language = ""
        if self._is_multilingual and first > 1:
            language = tokenizer.convert_ids_to_tokens(int(ids[1])).strip("<|>")
        if not written:
            return Transcript(text="", language=language)
        length = len(piece) / RATE
        return Transcript(
            text=" ".join(tokenizer.decode([token.id for token in written]).split()),
            language=language,
            words=tuple(_words(tokenizer, written, length)) if times is not None else (),
            confidence=float(np.mean([token.chance for token in written])),
        )

    def _is_time(self, token: int) -> bool:
        """Whether a token is one of those that stand for a time: they come after all others."""
        last = getattr(self._model.generation_config, "no_timestamps_token_id", None)
        return last is not None and token > last


@dataclass(frozen=True, kw_only=True)
class _Token:
    id: int
    chance: float
    start: float


def _words(tokenizer: Any, tokens: list[_Token], length: float) -> Iterator[Word]:
    """The words of tokens: one begins where a token begins with a space."""
    groups: list[list[_Token]] = []
    for token in tokens:
        if not groups or tokenizer.decode([token.id]).startswith(" "):
            groups.append([])
        groups[-1].append(token)
    ends = [group[0].start for group in groups[1:]] + [length]
    for group, end in zip(groups, ends, strict=True):
        text = tokenizer.decode([token.id for token in group]).strip()
        start = min(group[0].start, length)
        if text:
            yield Word(
                text=text,
                start_s=start,
                end_s=min(max(end, start), length),
                confidence=float(np.mean([token.chance for token in group])),
            )
