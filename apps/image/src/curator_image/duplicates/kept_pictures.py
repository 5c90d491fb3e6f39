"""The pictures that stay, as other pictures are compared with them: an index of their windows, and their pixels.

Windows that agree propose a pair; laying one picture over the other proves it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_image.duplicates.align import Alignment, Grey, align, levels_of, overlap_of
from curator_image.duplicates.colours import CELLS, colours_agree
from curator_image.duplicates.fingerprint import LUMA_SIDE, WINDOW, read_luma
from curator_image.duplicates.window_index import Candidate, WindowIndex

_CANDIDATES, _REMEMBERED = 8, 1024
"""Kept pictures that are laid over one, at most; and those whose pixels stay in memory, 65 kB each."""
_UNSURE = 0.06
"""By how much the overlap that windows speak of may be too small; see docs/decisions/0025."""
_TOGETHER = 1024
"""Pictures that are compared in the order of what they may show, so that kept ones are read once."""


class Prints:
    """Fingerprints, by their rows."""

    def __init__(self, table: pa.Table) -> None:
        """Of FINGERPRINTS."""
        self._table = table
        sides = [table.column(name).to_numpy().astype(float) for name in ("width", "height")]
        self._sizes = (
            np.stack(sides, axis=1) * np.minimum(1, LUMA_SIDE / np.maximum(*sides))[:, None]
        )

    def uuid(self, row: int) -> str:
        """The picture's id."""
        return self._value("uuid", row)

    def size(self, row: int) -> tuple[float, float]:
        """Width and height of its luma, without rounding."""
        wide, high = self._sizes[row].tolist()
        return wide, high

    def windows(self, row: int) -> NDArray[np.void]:
        """Its windows."""
        return np.frombuffer(self._value("windows", row), WINDOW)

    def levels(self, row: int) -> list[Grey]:
        """Its pixels, as `align` wants them."""
        return levels_of(read_luma(self._value("luma", row)))

    def colours(self, row: int) -> NDArray[np.uint8]:
        """Its colours."""
        return np.frombuffer(self._value("colours", row), np.uint8).reshape(CELLS, CELLS, 2)

    def _value(self, name: str, row: int) -> Any:
        return self._table.column(name)[row].as_py()


class KeptPictures:
    """Pictures that stay, in their order."""

    def __init__(self, *, threshold: float, min_overlap: float) -> None:
        """None yet.

        Args:
            threshold: Of the similarity, at least.
            min_overlap: Share of the smaller picture's area that must lie over the other.
        """
        self._threshold, self._min_overlap = threshold, min_overlap
        self._index = WindowIndex()
        self._kept: list[tuple[Prints, int]] = []
        self._levels: OrderedDict[int, list[Grey]] = OrderedDict()

    def keep(self, prints: Prints, row: int) -> None:
        """A picture stays."""
        self._index.add(len(self._kept), prints.windows(row))
        self._kept.append((prints, row))

    def match(self, prints: Prints, row: int) -> dict[str, Any] | None:
        """A row of NEAR_DUPLICATES, if a picture is proved a near-duplicate of one that stays.

        Those with most windows in common are laid over it first, and the first proof counts.
        """
        size = prints.size(row)
        candidates = self._index.find(prints.windows(row))
        likely = (each for each in candidates if self._may_hold(each, size))
        levels: list[Grey] = []
        for each in islice(likely, _CANDIDATES):
            levels = levels or prints.levels(row)
            its_levels = self._levels_of(each.picture)
            found = align(levels, its_levels, each.transform, least=self._threshold)
            if not found or not self._holds(found):
                continue
            its, its_row = self._kept[each.picture]
            colours = prints.colours(row), its.colours(its_row)
            if colours_agree(*colours, found.transform, levels[0].shape, its_levels[0].shape):
                return {
                    "uuid": prints.uuid(row),
                    "kept_id": its.uuid(its_row),
                    "similarity": found.similarity,
                    "overlap": found.overlap,
                    "transform": str(found.transform),
                }
        return None

    def match_all(
        self, prints: Prints, rows: Iterable[int]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """The pictures of these rows that `match` finds, each with what it says, in any order."""
        left = iter(rows)
        while some := list(islice(left, _TOGETHER)):
            first = ((self._index.first(prints.windows(row)), row) for row in some)
            for _, row in sorted((kept, row) for kept, row in first if kept is not None):
                found = self.match(prints, row)
                if found is not None:
                    yield row, found

    def _may_hold(self, each: Candidate, size: tuple[float, float]) -> bool:
        """Whether the pictures lie over each other far enough, as their windows say."""
        its, its_row = self._kept[each.picture]
        overlap = overlap_of(size, its.size(its_row), each.transform)
        return overlap >= max(self._threshold, self._min_overlap) - _UNSURE

    def _levels_of(self, at: int) -> list[Grey]:
        prints, row = self._kept[at]
        self._levels[at] = found = self._levels.pop(at, None) or prints.levels(row)
        if len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)
        return found

    def _holds(self, found: Alignment) -> bool:
        return found.similarity >= self._threshold and found.overlap >= self._min_overlap


class Comparison:
    """Compares pictures with those that stay so far, in this process."""

    def __init__(
        self,
        fingerprints: pa.Table,
        against: pa.Table | None = None,
        *,
        threshold: float,
        min_overlap: float,
    ) -> None:
        """Of pictures of FINGERPRINTS; those of `against` stay whatever comes."""
        self._prints, self._known = Prints(fingerprints), 0
        self._kept = KeptPictures(threshold=threshold, min_overlap=min_overlap)
        if against is not None:
            others = Prints(against)
            for row in range(against.num_rows):
                self._kept.keep(others, row)

    def __call__(
        self, stay: Sequence[int], rows: Sequence[int]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """The pictures that are near-duplicates of one that stays, with their rows of NEAR_DUPLICATES, in any order.

        Args:
            stay: Rows of the pictures that stay, those of the last call first.
            rows: Of the pictures to compare.
        """
        for row in stay[self._known :]:
            self._kept.keep(self._prints, row)
        self._known = len(stay)
        return self._kept.match_all(self._prints, rows)
