"""Which segments go as copies of others, and the list of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from curator_audio.duplicates.exact import find_exact
from curator_audio.duplicates.near import THRESHOLD, find_near
from curator_audio.recordings.keep_policy import Keep, rank
from curator_engine.items.copies import (
    EXACT,
    FACTS,
    LEAK,
    NEAR,
    Search,
    find_copies,
    pairs_table,
)
from curator_engine.items.item_table import with_marks
from curator_engine.items.near_duplicates import SCHEMA

DUPLICATES_SCHEMA = pa.schema(
    [
        *SCHEMA,
        pa.field("how", pa.string()),
        pa.field("overlap", pa.float32()),
        pa.field("offset", pa.float64()),
        pa.field("speed", pa.float64()),
    ]
)
"""Of `duplicates.parquet`: that of the engine, and how it was found (bytes, samples, near or leak), the share
of the shorter that the two have in common, where the copy starts in the kept one (seconds), and how many
seconds of that pass in one of the copy."""


def without_copies(
    table: pa.Table,
    prints: pa.Table,
    *,
    keep: Keep = "longest",
    near: bool = True,
    threshold: float = THRESHOLD,
    min_overlap: float = 0.5,
    against: pa.Table | None = None,
) -> tuple[pa.Table, pa.Table]:
    """The table with marks on copies, and the list of these, of DUPLICATES_SCHEMA.

    Args:
        table: Rows of `segments.parquet`; kept ones that have a fingerprint are compared.
        prints: Fingerprints of its segments.
        keep: Which of copies stays.
        near: Whether near-duplicates go, or the same bytes and samples only.
        threshold: Of the similarity, from which two are near-duplicates.
        min_overlap: Share of the shorter that the two must have in common.
        against: Fingerprints of recordings that none may be a copy of.
    """
    limits: dict[str, Any] = {"threshold": threshold, "min_overlap": min_overlap}
    searches: list[tuple[str, Search]] = []
    if against is not None:
        among = partial(find_near, prints, against=against, only_against=True, **limits)
        searches.append((LEAK, among))
    searches.append((EXACT, partial(find_exact, prints)))
    if near:
        searches.append((NEAR, partial(find_near, prints, **limits)))
    known = set(prints.column("uuid").to_pylist())
    order = [uuid for uuid in rank(table.filter(table.column("keep")), keep) if uuid in known]
    places = {row["uuid"]: _place(row) for row in table.select(_PLACE).to_pylist()}
    found = find_copies(order, searches, places)
    pairs = ({**_SAME, "how": e.stage, **e.facts, "id": uuid} for uuid, e in found.items())
    return with_marks(table, found, facts=FACTS), pairs_table(pairs, DUPLICATES_SCHEMA)


_PLACE = ["uuid", "place", "start_s", "end_s"]
_SAME = {"overlap": 1.0, "offset": 0.0, "speed": 1.0}
"""Of exact copies, which lie at the start."""


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['place']} at {row['start_s']:g}-{row['end_s']:g} s"
