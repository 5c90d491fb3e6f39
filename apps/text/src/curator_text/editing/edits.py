"""What a job does to the texts of a block: new texts, counts by rule, documents that go."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.task import ArrowArray

type Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Edits:
    """The edits of one block."""

    changed: Numbers
    """Documents whose text changes, sorted."""
    texts: ArrowArray
    """Their new texts, `large_string`."""
    counts: dict[str, Numbers]
    """By rule how often it was met in each document, shape (documents,); those of no document left out."""
    goes: dict[int, tuple[str, str]] = field(default_factory=dict[int, tuple[str, str]])
    """Documents that go, with the rule and the reason."""


class Editor(ABC):
    """Edits texts; sent to workers."""

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """The rules that it counts by."""

    def prepare(self) -> None:
        """Load what editing needs; called in each process before the first block."""
        return

    @abstractmethod
    def edit(self, texts: ArrowArray) -> Edits:
        """Edit the texts of a block; the block's own memory is not changed.

        Args:
            texts: Strings without nulls.
        """

    def shown_ids(self, ids: ArrowArray) -> ArrowArray:
        """Ids of documents as tables may have them."""
        return ids


def chars(texts: Any) -> Numbers:
    """Characters of each text."""
    import pyarrow.compute as pc

    lengths: Any = pc.call_function("utf8_length", [texts])
    return np.asarray(lengths.to_numpy(zero_copy_only=False), np.int64)


def no_texts() -> ArrowArray:
    """Texts of no documents."""
    return pa.array([], pa.large_string())
