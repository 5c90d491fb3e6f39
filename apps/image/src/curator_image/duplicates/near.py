"""Find pictures that show the same as one that stays, and prove it.

A picture goes if it is a near-duplicate of a *kept* one: pictures are taken in the order of the right to
stay, and each is compared with those that were kept before. Windows that agree propose a pair; laying
one over the other proves it. What a full bucket leaves out can cost a proposal, never the proof.
"""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_image.duplicates.align import Alignment, Grey, align, levels_of, overlap_of
from curator_image.duplicates.colours import CELLS, colours_agree
from curator_image.duplicates.fingerprint import LUMA_SIDE, WINDOW, read_luma
from curator_image.duplicates.window_index import Candidate, WindowIndex

NEAR_DUPLICATES = pa.schema(
    [
        pa.field("uuid", pa.string()),
        pa.field("kept_id", pa.string()),
        pa.field("similarity", pa.float32()),
        pa.field("overlap", pa.float32()),
        pa.field("transform", pa.string()),
    ]
)
"""A row per picture that goes; the transform is that from it to the kept one, in words."""
_UNSURE = 0.06
"""By how much the overlap that windows speak of may be too small; see docs/decisions/0025."""
_CANDIDATES, _REMEMBERED = 8, 2048
"""Kept pictures that are laid over one, at most; and those whose pixels stay in memory, 65 kB each."""


def find_near(
    fingerprints: pa.Table,
    order: Sequence[str],
    threshold: float = 0.90,
    *,
    min_overlap: float = 0.5,
    against: pa.Table | None = None,
    only_against: bool = False,
) -> pa.Table:
    """Find the pictures that are near-duplicates of one that stays.

    Args:
        fingerprints: Of FINGERPRINTS; others of its rows are not looked at.
        order: Ids of the pictures to compare, by the right to stay.
        threshold: Of the similarity, at least: SSIM of the overlap times its share.
        min_overlap: Share of the smaller picture's area that must lie over the other.
        against: Fingerprints of pictures that stay whatever comes, as those of an evaluation set or of
            an earlier run.
        only_against: Compare with those only, and not with each other.

    Returns:
        Of NEAR_DUPLICATES, in the given order.

    Raises:
        InputError: An id has no fingerprint.
    """
    search = _Search(threshold=threshold, min_overlap=min_overlap)
    if against is not None:
        for row in range(against.num_rows):
            search.keep(against, row)
    rows = {uuid: row for row, uuid in enumerate(fingerprints.column("uuid").to_pylist())}
    found: list[dict[str, Any]] = []
    for uuid in order:
        row = rows.get(uuid)
        if row is None:
            raise InputError(f"picture {uuid} has no fingerprint; run curate again.")
        match = search.match(fingerprints, row)
        if match is not None:
            found.append({"uuid": uuid, **match})
        elif not only_against:
            search.keep(fingerprints, row)
    return pa.Table.from_pylist(found, schema=NEAR_DUPLICATES)


class _Search:
    """The pictures that stay so far."""

    def __init__(self, *, threshold: float, min_overlap: float) -> None:
        self._threshold, self._min_overlap = threshold, min_overlap
        self._index = WindowIndex()
        self._kept: list[tuple[pa.Table, int]] = []
        self._levels: OrderedDict[int, list[Grey]] = OrderedDict()
        self._last: list[Grey] = []

    def keep(self, table: pa.Table, row: int) -> None:
        """A picture stays; if there was one, the last call of `match` was for it."""
        if self._last:
            self._remember(len(self._kept), self._last)
        self._index.add(len(self._kept), _windows(table, row))
        self._kept.append((table, row))

    def match(self, table: pa.Table, row: int) -> dict[str, Any] | None:
        """The kept picture of which this is proved a near-duplicate first, of those proposed by most windows."""
        self._last = []
        levels, size = [], _size(table, row)
        candidates = (each for each in self._index.find(_windows(table, row)) if self._may_hold(each, size))
        for each in islice(candidates, _CANDIDATES):
            levels = self._last = levels or _levels(table, row)
            its_levels = self._kept_levels(each.picture)
            found = align(levels, its_levels, each.transform, least=self._threshold)
            if not found or not self._holds(found):
                continue
            its, its_row = self._kept[each.picture]
            colours = _colours(table, row), _colours(its, its_row)
            if colours_agree(*colours, found.transform, levels[0].shape, its_levels[0].shape):
                return {
                    "kept_id": its.column("uuid")[its_row].as_py(),
                    "similarity": found.similarity,
                    "overlap": found.overlap,
                    "transform": str(found.transform),
                }
        return None

    def _may_hold(self, each: Candidate, size: tuple[float, float]) -> bool:
        """Whether the pictures lie over each other far enough, as their windows say."""
        overlap = overlap_of(size, _size(*self._kept[each.picture]), each.transform)
        return overlap >= max(self._threshold, self._min_overlap) - _UNSURE

    def _kept_levels(self, at: int) -> list[Grey]:
        found = self._levels.pop(at, None) or _levels(*self._kept[at])
        self._remember(at, found)
        return found

    def _remember(self, at: int, levels: list[Grey]) -> None:
        self._levels[at] = levels
        if len(self._levels) > _REMEMBERED:
            self._levels.popitem(last=False)

    def _holds(self, found: Alignment) -> bool:
        return found.similarity >= self._threshold and found.overlap >= self._min_overlap


def _windows(table: pa.Table, row: int) -> NDArray[np.void]:
    return np.frombuffer(table.column("windows")[row].as_py(), WINDOW)


def _size(table: pa.Table, row: int) -> tuple[float, float]:
    """Width and height of luma, without rounding."""
    width, height = (table.column(name)[row].as_py() for name in ("width", "height"))
    scale = min(1.0, LUMA_SIDE / max(width, height))
    return width * scale, height * scale


def _levels(table: pa.Table, row: int) -> list[Grey]:
    return levels_of(read_luma(table.column("luma")[row].as_py()))


def _colours(table: pa.Table, row: int) -> NDArray[np.uint8]:
    packed = table.column("colours")[row].as_py()
    return np.frombuffer(packed, np.uint8).reshape(CELLS, CELLS, 2)
