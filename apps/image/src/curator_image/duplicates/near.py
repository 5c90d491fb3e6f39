"""Find pictures that show the same as one that stays, and prove it.

A picture goes if it is a near-duplicate of a *kept* one: pictures are taken in the order of the right to
stay, and each is compared with those that were kept before. They are taken in rounds, each as large as
all before it: those of a round are first compared with what earlier rounds have kept, each for itself,
so that many processes can do it, and those that are left one after the other with each other. The rounds
are always the same, so the answer does not depend on who compares.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pyarrow as pa

from curator_engine.errors import InputError
from curator_image.duplicates.kept_pictures import Comparison, KeptPictures, Prints

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
_LARGEST_ROUND = 65_536
"""Pictures."""
type Compare = Callable[[Sequence[int], Sequence[int]], Iterable[tuple[int, dict[str, Any]]]]
"""Compares pictures with those that stay, as `Comparison` does."""


def find_near(
    fingerprints: pa.Table,
    order: Sequence[str],
    threshold: float = 0.90,
    *,
    min_overlap: float = 0.5,
    against: pa.Table | None = None,
    only_against: bool = False,
    compare: Compare | None = None,
    first_round: int = 2048,
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
        compare: Compares the pictures of a round with those that stay; in this process without it.
        first_round: Pictures of the first round.

    Returns:
        Of NEAR_DUPLICATES, in the given order.

    Raises:
        InputError: An id has no fingerprint.
    """
    limits = {"threshold": threshold, "min_overlap": min_overlap}
    compare = compare or Comparison(fingerprints, against, **limits)
    prints, rows = Prints(fingerprints), _rows(fingerprints, order)
    stay: list[int] = []
    found: dict[int, dict[str, Any]] = {}
    start, size = 0, first_round
    while some := rows[start : start + size]:
        if stay or against is not None:
            found |= compare(stay, some)
        if not only_against:
            left = [row for row in some if row not in found]
            stay += _among(prints, left, found, **limits)
        start += size
        size = min(start, _LARGEST_ROUND)
    return pa.Table.from_pylist([found[row] for row in rows if row in found], NEAR_DUPLICATES)


def _rows(fingerprints: pa.Table, order: Sequence[str]) -> list[int]:
    rows = {uuid: row for row, uuid in enumerate(fingerprints.column("uuid").to_pylist())}
    if missing := next((uuid for uuid in order if uuid not in rows), None):
        raise InputError(f"picture {missing} has no fingerprint; run curate again.")
    return [rows[uuid] for uuid in order]


def _among(
    prints: Prints, rows: list[int], found: dict[int, dict[str, Any]], **limits: float
) -> list[int]:
    """Those of a round that stay; the others are added to what was found."""
    kept = KeptPictures(**limits)
    stay: list[int] = []
    for row in rows:
        match = kept.match(prints, row)
        if match is not None:
            found[row] = match
        else:
            kept.keep(prints, row)
            stay.append(row)
    return stay
