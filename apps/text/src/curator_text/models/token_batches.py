"""Batches of texts as token ids: of like lengths, filled up to the longest, and answers in the order in which texts came."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal

import torch

from curator_engine.batch_size import BatchSize

type Side = Literal["left", "right"]
type TokenBatch = dict[str, torch.Tensor]
"""`input_ids` and `attention_mask`, both of shape (texts, tokens)."""


def padded(
    ids: Sequence[Sequence[int]], *, pad: int = 0, side: Side = "right", place: Any = "cpu"
) -> TokenBatch:
    """Texts as one batch, each filled up to the longest.

    Args:
        ids: Of each text.
        pad: Id of what fills up; what it is makes no difference.
        side: Where it stands: before a text that a model continues.
        place: The device of the tensors.
    """
    # Of a text without a token, what fills up counts as one: a mask of zeros has no mean.
    ids = [each or [pad] for each in ids]
    longest = max(map(len, ids))

    def filled(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
        gaps = [[value] * (longest - len(each)) for each in rows]
        pairs = zip(gaps, rows, strict=True)
        made = [[*a, *b] if side == "left" else [*b, *a] for a, b in pairs]
        return torch.tensor(made).to(place)

    return {
        "input_ids": filled(ids, pad),
        "attention_mask": filled([[1] * len(each) for each in ids], 0),
    }


def by_length(ids: Sequence[Sequence[int]]) -> list[int]:
    """The places of texts, the shortest first; of equal ones the first first."""
    return sorted(range(len(ids)), key=lambda i: len(ids[i]))


def in_order[T](
    ids: Sequence[Sequence[int]],
    compute: Callable[[list[Sequence[int]]], Iterable[T]],
    *,
    batch_size: int,
) -> list[T]:
    """What is computed of each text, those of like lengths together.

    Args:
        ids: Of each text.
        compute: Gives one answer for each text of a batch.
        batch_size: Texts at a time; fewer where a GPU's memory is too small.
    """
    order = by_length(ids)
    batch = BatchSize(size=batch_size, unit="texts")
    parts = batch.each(len(order), lambda a, b: compute([ids[i] for i in order[a:b]]))
    found = dict(zip(order, (each for part in parts for each in part), strict=True))
    return [found[i] for i in range(len(ids))]


def clip_tokens(token_o: dict[str, Any], padding_side: Side = "right") -> TokenBatch:
    """A batch without the columns in which no text has a token.

    Args:
        token_o: `input_ids` and `attention_mask`; a `metadata` is left out.
        padding_side: Where texts are filled up.
    """
    kept = {name: values for name, values in token_o.items() if name != "metadata"}
    longest = int(kept["attention_mask"].sum(1).max())
    width = kept["attention_mask"].shape[1]
    span = slice(0, longest) if padding_side == "right" else slice(width - longest, width)
    for name in ("input_ids", "attention_mask"):
        kept[name] = kept[name][:, span]
    return kept


def half_type() -> torch.dtype:
    """What a GPU computes in with half the bits."""
    return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16


def on_gpu_in_half(place: Any, *, wanted: bool = True) -> AbstractContextManager[Any]:
    """Let torch compute with half the bits if the device is a GPU and it is wanted."""
    if wanted and torch.device(place).type == "cuda":
        return torch.autocast("cuda", dtype=half_type())
    return nullcontext()
