"""Names of persons, places and organisations that a model finds, as places in bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from curator_engine.device import Device
from curator_engine.errors import ResourceError
from curator_engine.models.model_names import check_model_name

NAME_KINDS = ("person", "location", "organisation")
"""What is found."""


@dataclass(frozen=True, kw_only=True)
class NameFinder:
    """Finds names by a token-classification model of transformers, which a process loads once."""

    model: str
    """Its folder, or its id on the hub."""
    device: Device = field(default="auto", repr=False)
    """Where to compute."""

    def load(self) -> Any:
        """The model.

        Raises:
            InputError: There is no such model, or it finds no names.
            ResourceError: A package is not installed, or a GPU is asked for and not there.
        """
        check_model_name(self.model, option="--names")
        if not (find_spec("torch") and find_spec("transformers")):
            raise ResourceError(
                f"--names {self.model} needs the extra 'models' of curator-text; install it."
            )
        return _loaded(self.model, self.device)

    def find_all(self, texts: Sequence[bytes]) -> dict[int, list[tuple[int, int, str]]]:
        """Begin and end in bytes and kind of the names in texts of UTF-8, by the number of the text."""
        plain = [text.decode("utf-8", "surrogatepass") for text in texts]
        found: dict[int, list[tuple[int, int, str]]] = {}
        for i, names in enumerate(self.load().find(plain)):
            if names:
                places = _bytes_before(plain[i])
                found[i] = [(places[each.start], places[each.end], each.kind) for each in names]
        return found


@lru_cache(maxsize=1)
def _loaded(model: str, device: Device) -> Any:
    from curator_text.models.name_model import NameModel

    return NameModel(model, device=device)


def _bytes_before(text: str) -> list[int] | range:
    """How many bytes of UTF-8 stand before each character, and before the end."""
    if text.isascii():
        return range(len(text) + 1)
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    widths = 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF)
    return np.concatenate(([0], np.cumsum(widths))).tolist()
