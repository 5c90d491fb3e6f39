"""Find recordings that hold the same sound as one that stays, and prove it.

A recording goes if it is a near-duplicate of a *kept* one: recordings are taken in the order of the right
to stay, and each is compared with those that were kept before. Landmarks that agree on an offset and a
speed propose a pair; correlating levels over the overlap proves it. What the index leaves out can cost a
proposal, never the proof.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_audio.duplicates.align import Alignment, Levels, Loudness, align, loudness_of
from curator_audio.duplicates.fingerprint import PEAK, levels_in, peaks_of, strong_peaks
from curator_audio.duplicates.sound_index import MARKS_PER_PEAK, SoundIndex
from curator_engine.errors import InputError

NEAR_DUPLICATES = pa.schema(
    [
        pa.field("uuid", pa.string()),
        pa.field("kept_id", pa.string()),
        pa.field("similarity", pa.float32()),
        pa.field("overlap", pa.float32()),
        pa.field("offset", pa.float64()),
        pa.field("speed", pa.float64()),
    ]
)
"""A row per recording that goes; its start lies `offset` seconds into the kept one, of which `speed` seconds
pass in one of it."""
THRESHOLD = 0.92
"""Copies of the benchmark have 0.94 and more, tunes that are played again 0.91 at most, other sounds 0.5 and less."""
MOST_LANDMARKS = 100_000_000
"""In the index, of 20 bytes each: those of some 100 hours; of more hours it takes a part of each."""
_CANDIDATES, _REMEMBERED = 6, 4096


def find_near(
    fingerprints: pa.Table,
    order: Sequence[str],
    threshold: float = THRESHOLD,
    *,
    min_overlap: float = 0.5,
    against: pa.Table | None = None,
    only_against: bool = False,
    most_landmarks: int = MOST_LANDMARKS,
) -> pa.Table:
    """Find the recordings that are near-duplicates of one that stays.

    Args:
        fingerprints: Of FINGERPRINTS; others of its rows are not looked at.
        order: Ids of the recordings to compare, by the right to stay.
        threshold: Of the similarity, at least: the correlation of loudness over the overlap.
        min_overlap: Share of the shorter recording that must lie over the other.
        against: Fingerprints of recordings that stay whatever comes, as those of an evaluation set or
            of an earlier run.
        only_against: Compare with those only, and not with each other.
        most_landmarks: The index holds no more.

    Returns:
        Of NEAR_DUPLICATES, in the given order.

    Raises:
        InputError: An id has no fingerprint.
    """
    rows = {uuid: row for row, uuid in enumerate(fingerprints.column("uuid").to_pylist())}
    if missing := next((uuid for uuid in order if uuid not in rows), None):
        raise InputError(f"recording {missing} has no fingerprint; run curate again.")
    tables = [fingerprints] if against is None else [fingerprints, against]
    search = _Search(
        threshold=threshold,
        min_overlap=min_overlap,
        every=-(-sum(map(_most_landmarks, tables)) // most_landmarks),
    )
    if against is not None:
        for row in range(against.num_rows):
            search.keep(against, row)
    found: list[dict[str, Any]] = []
    for uuid in order:
        match = search.match(fingerprints, rows[uuid])
        if match is not None:
            found.append({"uuid": uuid, **match})
        elif not only_against:
            search.keep(fingerprints, rows[uuid])
    return pa.Table.from_pylist(found, schema=NEAR_DUPLICATES)


def find_sound(
    sound: pa.Table,
    fingerprints: pa.Table,
    *,
    threshold: float = THRESHOLD,
    min_overlap: float = 0.5,
    top: int = 10,
) -> list[dict[str, Any]]:
    """Find the recordings in which a sound is, or that are in it, most similar first.

    Args:
        sound: Its fingerprint, one row of FINGERPRINTS.
        fingerprints: Of the recordings to look in.
        threshold: Of the similarity, at least.
        min_overlap: Share of the shorter of the two that must lie over the other.
        top: How many at most.

    Returns:
        Rows of NEAR_DUPLICATES without `uuid`: the recording is `kept_id`, and the sound begins `offset`
        seconds into it.
    """
    every = -(-_most_landmarks(fingerprints) // MOST_LANDMARKS)
    search = _Search(threshold=threshold, min_overlap=min_overlap, every=every)
    for row in range(fingerprints.num_rows):
        search.keep(fingerprints, row)
    return search.matches(sound, 0, most=max(_CANDIDATES, 2 * top))[:top]


class _Search:
    """The recordings that stay so far."""

    def __init__(self, *, threshold: float, min_overlap: float, every: int) -> None:
        self._threshold, self._min_overlap = threshold, min_overlap
        self._index = SoundIndex(every=max(1, every))
        self._kept: list[tuple[pa.Table, int]] = []
        self._kept_loudness = lru_cache(_REMEMBERED)(self._loudness)

    def keep(self, table: pa.Table, row: int) -> None:
        """A recording stays."""
        self._index.add(len(self._kept), *_peaks(table, row))
        self._kept.append((table, row))

    def match(self, table: pa.Table, row: int) -> dict[str, Any] | None:
        """The kept recording of which this is a near-duplicate, the most similar of those proposed."""
        return next(iter(self.matches(table, row, most=_CANDIDATES)), None)

    def matches(self, table: pa.Table, row: int, *, most: int) -> list[dict[str, Any]]:
        """The kept recordings of which this is a near-duplicate, of so many proposed, most similar first."""
        candidates = self._index.find(*_peaks(table, row), most=most)
        if not candidates:
            return []
        levels = levels_in(_bytes(table, "levels", row))
        mine = levels, loudness_of(levels)
        found: list[tuple[Alignment, int]] = []
        for each in candidates:
            its = _levels(*self._kept[each.item]), self._kept_loudness(each.item)
            alignment = align(mine, its, each)
            if alignment is not None and self._holds(alignment):
                found.append((alignment, each.item))
        found.sort(key=lambda each: -each[0].similarity)
        return [self._described(*each) for each in found]

    def _described(self, alignment: Alignment, item: int) -> dict[str, Any]:
        table, row = self._kept[item]
        return {
            "kept_id": table.column("uuid")[row].as_py(),
            "similarity": alignment.similarity,
            "overlap": alignment.overlap,
            "offset": round(alignment.offset, 3),
            "speed": round(alignment.speed, 5),
        }

    def _loudness(self, at: int) -> Loudness:
        return loudness_of(_levels(*self._kept[at]))

    def _holds(self, found: Alignment) -> bool:
        return found.similarity >= self._threshold and found.overlap >= self._min_overlap


def _most_landmarks(table: pa.Table) -> int:
    """How many landmarks the recordings of a table have, at most."""
    size = sum(_buffer(value).size for value in table.column("peaks"))
    return MARKS_PER_PEAK * size // PEAK.itemsize


def _peaks(table: pa.Table, row: int) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """All peaks, and the strong ones."""
    packed = _bytes(table, "peaks", row)
    return peaks_of(packed), strong_peaks(packed, _levels(table, row))


def _levels(table: pa.Table, row: int) -> Levels:
    return levels_in(_bytes(table, "levels", row))


def _bytes(table: pa.Table, name: str, row: int) -> pa.Buffer:
    """A value where it lies, which may be on the disk."""
    return _buffer(table.column(name)[row])


def _buffer(value: Any) -> pa.Buffer:
    return value.as_buffer()
