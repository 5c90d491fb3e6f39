"""Names of persons, places and organisations by a token-classification model of transformers.

Places are characters of the text as it was given, whatever the tokenizer makes of it. Texts that are longer than
the model sees are looked at in windows that overlap; of a token in two of them the window counts in which more
stands around it.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoModelForTokenClassification, AutoTokenizer

from curator_engine.batch_size import BatchSize
from curator_engine.device import Device
from curator_engine.errors import InputError
from curator_engine.models.loading import load_from, place_of

_KINDS_OF_LABELS = {
    **dict.fromkeys(("PER", "PERSON", "PERS"), "person"),
    **dict.fromkeys(("LOC", "LOCATION", "GPE", "FAC"), "location"),
    **dict.fromkeys(("ORG", "ORGANIZATION", "ORGANISATION", "CORPORATION"), "organisation"),
}
_HALVES = re.compile("[\ud800-\udfff]")
_MOST_TOKENS = 512
"""Of a window, also for models that see more: memory and time per token grow with it."""
_OVERLAP = 4
"""The part of a window that the next one sees again."""
_ENDLESS = 100_000
"""Tokenizers say a huge number where they know no limit."""
_CHARS_TOGETHER = 1 << 20
"""Characters of the texts that are cut into tokens together."""
_WITHOUT_SPACES = 0x0E00
"""Code points from which on words may have no spaces between them, so that nothing tells where one ends."""


class Name(NamedTuple):
    """A name in a text."""

    start: int
    """In characters."""
    end: int
    kind: str


class _Window(NamedTuple):
    """Some tokens of a text, with those that the model wants around them."""

    text: int
    """Number of the text."""
    ids: list[int]
    is_special: list[int]
    offsets: list[tuple[int, int]]


class NameModel:
    """A model that finds names.

    Example:
        NameModel("dslim/bert-base-NER").find(["Ada Lovelace was born in London."])

    Args:
        name: Its folder, or its id on the hub.
        device: Where to compute; auto takes a GPU where this process sees one.

    Raises:
        InputError: There is no such model, it cannot be read, or it finds no names.
        ResourceError: A package is not installed, or a GPU is asked for and not there.
    """

    def __init__(self, name: str, *, device: Device = "auto") -> None:
        self._place = place_of(device)
        self._tokenizer: Any = load_from(AutoTokenizer, name)
        if not self._tokenizer.is_fast:
            raise InputError(
                f"the tokenizer of {name!r} does not say where its tokens are; take a model with tokenizer.json."
            )
        model: Any = load_from(AutoModelForTokenClassification, name)
        labels = [str(model.config.id2label[i]) for i in range(model.config.num_labels)]
        self._kinds = [_kind(label) for label in labels]
        self._begins = [label.upper().startswith(("B-", "S-", "U-")) for label in labels]
        if not any(self._kinds):
            raise InputError(
                f"the model {name!r} finds no persons, locations or organisations; its labels are "
                f"{', '.join(labels[:12])}."
            )
        self._size = _window(self._tokenizer, model.config)
        self._model = model.to(self._place).eval()

    def find(self, texts: Sequence[str], *, batch_size: int = 32) -> list[list[Name]]:
        """The names in each text, in order; they do not overlap.

        Args:
            texts: Any; halves of surrogate pairs count as a character that is no letter.
            batch_size: Windows that are computed together; fewer if the memory is not enough.
        """
        found: list[list[Name]] = []
        waiting, size = list[str](), 0
        for text in texts:
            waiting.append(_whole(text))
            size += len(text)
            if size >= _CHARS_TOGETHER:
                found += self._find(waiting, batch_size)
                waiting, size = [], 0
        return found + self._find(waiting, batch_size) if waiting else found

    def _find(self, texts: list[str], batch_size: int) -> list[list[Name]]:
        windows = self._windows(texts)
        labels = self._labels(windows, batch_size)
        mine: list[list[int]] = [[] for _ in texts]
        for number, window in enumerate(windows):
            mine[window.text].append(number)
        found: list[list[Name]] = []
        for text, numbers in zip(texts, mine, strict=True):
            offsets, chosen = self._joined([(windows[n], labels[n]) for n in numbers])
            kinds = [self._kinds[label] for label in chosen]
            begins = [self._begins[label] for label in chosen]
            found.append(_names(text, offsets, kinds, begins))
        return found

    def _windows(self, texts: list[str]) -> list[_Window]:
        coded = self._tokenizer(
            texts,
            truncation=True,
            max_length=self._size,
            stride=self._stride,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        columns = ("overflow_to_sample_mapping", "input_ids", "special_tokens_mask")
        rows = zip(*(coded[name] for name in (*columns, "offset_mapping")), strict=True)
        return [_Window(*row) for row in rows]

    @property
    def _stride(self) -> int:
        return self._size // _OVERLAP

    def _labels(self, windows: list[_Window], batch_size: int) -> list[NDArray[np.int64]]:
        """The likeliest label of each token of each window; windows of like lengths are computed together."""
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].ids))
        batch = BatchSize(size=batch_size, unit="windows")
        rows = batch.each(
            len(order), lambda a, b: self._compute([windows[i].ids for i in order[a:b]])
        )
        labels = dict(zip(order, (row for some in rows for row in some), strict=True))
        return [labels[i] for i in range(len(windows))]

    def _compute(self, ids: list[list[int]]) -> list[NDArray[np.int64]]:
        longest = max(map(len, ids))
        pad = self._tokenizer.pad_token_id or 0
        given = torch.tensor([each + [pad] * (longest - len(each)) for each in ids])
        mask = torch.tensor([[1] * len(each) + [0] * (longest - len(each)) for each in ids])
        with torch.inference_mode():
            logits = self._model(
                input_ids=given.to(self._place), attention_mask=mask.to(self._place)
            ).logits
        best = logits.argmax(-1).cpu().numpy()
        return [row[: len(each)] for row, each in zip(best, ids, strict=True)]

    def _joined(
        self, windows: list[tuple[_Window, NDArray[np.int64]]]
    ) -> tuple[list[tuple[int, int]], list[int]]:
        """Where the tokens of a text are, and the label of each."""
        offsets, labels = list[tuple[int, int]](), list[int]()
        for window, found in windows:
            plain = [i for i, special in enumerate(window.is_special) if not special]
            # The half of what both see that is nearer to the end of the one before is this window's.
            again = min(self._stride, len(labels)) if labels else 0
            keep = len(labels) - again + again // 2
            some = plain[again // 2 :]
            offsets[keep:] = [window.offsets[i] for i in some]
            labels[keep:] = [int(found[i]) for i in some]
        return offsets, labels


def _kind(label: str) -> str | None:
    parts = label.upper().replace("_", "-").split("-")
    return next((_KINDS_OF_LABELS[part] for part in parts if part in _KINDS_OF_LABELS), None)


def _window(tokenizer: Any, config: Any) -> int:
    """Tokens that the model sees at once."""
    limits = [_MOST_TOKENS]
    if tokenizer.model_max_length < _ENDLESS:
        limits.append(int(tokenizer.model_max_length))
    elif places := getattr(config, "max_position_embeddings", None):
        # Models such as RoBERTa leave two places out.
        limits.append(int(places) - 2)
    return min(limits)


def _whole(text: str) -> str:
    """The text without halves of surrogate pairs, which tokenizers refuse; each is one character still."""
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


def _names(
    text: str,
    offsets: list[tuple[int, int]],
    kinds: list[str | None],
    begins: list[bool],
) -> list[Name]:
    """The names that labelled tokens make up, each a whole number of words."""
    names = list[Name]()
    for (start, end), kind, begin in zip(offsets, kinds, begins, strict=True):
        while start < end and text[start].isspace():
            start += 1
        last = names[-1] if names else Name(0, 0, "")
        if kind is None or start >= end or end <= last.end:
            continue
        start, end = _widened(text, start, end)
        touches = start <= last.end and bool(names)
        goes_on = kind == last.kind and not begin and text[last.end : start].isspace()
        if (touches and (kind == last.kind or start < last.end)) or goes_on:
            names[-1] = Name(min(last.start, start), max(last.end, end), last.kind)
        else:
            names.append(Name(start, end, kind))
    return names


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """The whole word that a part of one belongs to, with the accents behind it."""
    while start and _is_of_word(text[start - 1]) and _is_of_word(text[start]):
        start -= 1
    while end < len(text) and (
        (_is_of_word(text[end]) and _is_of_word(text[end - 1])) or unicodedata.combining(text[end])
    ):
        end += 1
    return start, end


def _is_of_word(char: str) -> bool:
    return ord(char) < _WITHOUT_SPACES and (char.isalnum() or bool(unicodedata.combining(char)))
