"""Recognisers with CTC (wav2vec2, HuBERT and the like) by transformers, and alignment of known texts.

A CTC model says for each 20 ms which letter it hears, or none: words get their times from that, and a
text that is known can be put to the sound (`Ctc.align`), which costs no second model.
"""

from itertools import batched, groupby
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoFeatureExtractor, AutoModelForCTC, AutoTokenizer

from curator_audio.models.pieces import pieces_of
from curator_audio.models.transcript import RATE, Clip, Transcript, Word, joined
from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.loading import load_from, load_network, place_of
from curator_engine.models.questions import short_name

_FOR_TRAINING = "masked_spec_embed"
"""End of the name of weights that only training uses; published models lack them."""
_SHORTEST = 400
"""Samples that the network needs for its first frame; a shorter piece is silence to it."""


class Ctc:
    """Transcribes by a CTC model in a folder, or of the hub.

    Raises:
        InputError: There is no such model, or it is none with CTC.
    """

    def __init__(self, model: str, *, device: Device = "auto", batch: int = 8) -> None:
        self._place = place_of(device)
        self._extractor: Any = load_from(AutoFeatureExtractor, model)
        tokenizer: Any = load_from(AutoTokenizer, model)
        loaded: Any = load_network(AutoModelForCTC, model, may_lack=_FOR_TRAINING)
        self._model = loaded.to(self._place).eval()
        self._blank: int = self._model.config.pad_token_id
        words: dict[str, int] = tokenizer.get_vocab()
        self._letters = {number: word for word, number in words.items()}
        self._between: str = getattr(tokenizer, "word_delimiter_token", None) or "|"
        self._special = set(tokenizer.all_special_ids) - {words.get(self._between)}
        self._frame_s = float(self._model.config.inputs_to_logits_ratio) / RATE
        # A model that takes no mask hears the silence with which clips are made equally long.
        self._batch = batch if getattr(self._extractor, "return_attention_mask", False) else 1
        self.name = short_name(model)

    def transcribe(self, clips: list[Clip]) -> list[Transcript]:
        """A transcript per clip."""
        pieces = [(i, *piece) for i, clip in enumerate(clips) for piece in pieces_of(clip)]
        heard: list[list[tuple[float, Transcript]]] = [[] for _ in clips]
        for group in batched(pieces, self._batch):
            chances = self._log_chances([piece for _, _, piece in group])
            for (i, start, _), values in zip(group, chances, strict=True):
                heard[i].append((start / RATE, self._read(values)))
        return [joined(parts) for parts in heard]

    def align(self, clip: Clip, text: str, language: str = "") -> list[Word]:
        """The words of a text with the times at which they are said in a clip of up to a minute.

        Letters that the model does not have are left out; a word of none but those has no time and is
        not in the list.

        Raises:
            InputError: The clip is too short for so much text, or the model knows no letter of it.
        """
        numbers = {letter: number for number, letter in self._letters.items()}
        small = self._between.join(text.split())
        if not any(letter.isupper() for letter in numbers if letter not in ("", self._between)):
            small = small.lower()
        elif not any(letter.islower() for letter in numbers if len(letter) == 1):
            small = small.upper()
        spoken = [(i, numbers[c]) for i, c in enumerate(small) if c in numbers]
        (chances,) = self._log_chances([clip])
        spans = align_tokens(chances, [number for _, number in spoken], blank=self._blank)
        placed = {i: span for (i, _), span in zip(spoken, spans, strict=False)}
        words: list[Word] = []
        at = 0
        for word, shown in zip(small.split(self._between), text.split(), strict=True):
            found = [placed[i] for i in range(at, at + len(word)) if i in placed]
            at += len(word) + 1
            if found:
                words.append(self._word(shown, found[0][0], found[-1][1], [f[2] for f in found]))
        if not words:
            raise InputError(
                "the text cannot be put to the sound: the model knows none of it, or it is too much for "
                "so short a clip; check both."
            )
        return words

    def _log_chances(self, pieces: list[Clip]) -> list[NDArray[np.float32]]:
        """Log probabilities of letters, shape (frames, letters), for each piece."""
        padded = [np.pad(piece, (0, max(0, _SHORTEST - len(piece)))) for piece in pieces]
        inputs = self._extractor(padded, sampling_rate=RATE, return_tensors="pt", padding=True)
        with torch.inference_mode():
            logits = self._model(
                **{key: value.to(self._place) for key, value in inputs.items()}
            ).logits
            values = torch.log_softmax(logits.float(), dim=-1).cpu().numpy()
        lengths = self._model._get_feat_extract_output_lengths(
            torch.tensor([len(piece) for piece in padded])
        )
        return [each[:length] for each, length in zip(values, lengths.tolist(), strict=True)]

    def _read(self, log_chances: NDArray[np.float32]) -> Transcript:
        """The most likely letter of each frame, with what stands twice or is none left out."""
        best = log_chances.argmax(axis=1)
        chances = np.exp(log_chances.max(axis=1))
        letters: list[tuple[str, int, int, float]] = []
        for number, frames in groupby(range(len(best)), key=lambda frame: int(best[frame])):
            run = list(frames)
            if number != self._blank and number not in self._special:
                chance = float(chances[run].mean())
                letters.append((self._letters[number], run[0], run[-1] + 1, chance))
        words: list[Word] = []
        for is_between, group in groupby(letters, key=lambda each: each[0] == self._between):
            said = list(group)
            if not is_between:
                text = "".join(letter for letter, *_ in said)
                words.append(self._word(text, said[0][1], said[-1][2], [each[3] for each in said]))
        sure = [chance for letter, _, _, chance in letters if letter != self._between]
        return Transcript(
            text=" ".join(word.text for word in words),
            words=tuple(words),
            confidence=float(np.mean(sure)) if sure else None,
        )

    def _word(self, text: str, first: int, end: int, chances: list[float]) -> Word:
        return Word(
            text=text,
            start_s=first * self._frame_s,
            end_s=end * self._frame_s,
            confidence=float(np.mean(chances)),
        )


def align_tokens(
    log_chances: NDArray[np.float32], tokens: list[int], *, blank: int
) -> list[tuple[int, int, float]]:
    """Where each token of a sequence lies on the most likely CTC path through it.

    Args:
        log_chances: Shape (frames, letters).
        tokens: What is said, without blanks.
        blank: The letter that stands for none.

    Returns:
        First frame, frame after the last, and mean probability of each token; nothing where there are
        no tokens or more than frames.
    """
    if not tokens:
        return []
    # States: blank, token, blank, token, ..., blank. A path stays, moves on by one, or over a blank
    # by two where the tokens beside it differ.
    states = np.full(2 * len(tokens) + 1, blank)
    states[1::2] = tokens
    may_skip = np.zeros(len(states), bool)
    may_skip[3::2] = states[3::2] != states[1:-2:2]
    best = np.full(len(states), -np.inf)
    best[:2] = log_chances[0, states[:2]]
    steps = np.zeros((len(log_chances), len(states)), np.int8)
    for frame in range(1, len(log_chances)):
        one = np.concatenate(([-np.inf], best[:-1]))
        two = np.where(may_skip, np.concatenate(([-np.inf, -np.inf], best[:-2])), -np.inf)
        choices = np.stack((best, one, two))
        steps[frame] = choices.argmax(axis=0)
        best = choices.max(axis=0) + log_chances[frame, states]
    state = len(states) - 1 if best[-1] >= best[-2] else len(states) - 2
    if best[state] == -np.inf:
        return []
    path = np.empty(len(log_chances), np.int64)
    for frame in range(len(log_chances) - 1, -1, -1):
        path[frame] = state
        state -= steps[frame, state]
    spans: list[tuple[int, int, float]] = []
    for i, token in enumerate(tokens):
        frames = np.flatnonzero(path == 2 * i + 1)
        chance = float(np.exp(log_chances[frames, token]).mean())
        spans.append((int(frames[0]), int(frames[-1]) + 1, chance))
    return spans
