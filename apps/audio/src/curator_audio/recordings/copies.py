"""Which segments go as copies of others, and the list of them."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from curator_audio.duplicates.exact import find_exact
from curator_audio.duplicates.near import THRESHOLD, find_near
from curator_audio.recordings.keep_policy import Keep, rank
from curator_audio.recordings.segment_table import SEGMENTS
from curator_engine.items.near_duplicates import SCHEMA

EXACT, NEAR, LEAK = "exact", "near", "leak"
"""What copies are dropped as: the same bytes or samples, alike, and alike to a recording of `--against`."""
COPIES = (EXACT, NEAR, LEAK)
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


def brought_back(table: pa.Table) -> pa.Table:
    """The table without the marks of an earlier search for copies."""
    rows = table.select(["uuid", "drop_stage"]).to_pylist()
    none = {"stage": "", "reason": "", "kept_id": None, "similarity": None}
    return _marked(table, {row["uuid"]: none for row in rows if row["drop_stage"] in COPIES})


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
    known = set(prints.column("uuid").to_pylist())
    order = [uuid for uuid in rank(table.filter(table.column("keep")), keep) if uuid in known]
    found: dict[str, dict[str, Any]] = {}
    if against is not None:
        leaks = find_near(prints, order, against=against, only_against=True, **limits)
        _take(found, LEAK, leaks)
        order = [uuid for uuid in order if uuid not in found]
    _take(found, EXACT, find_exact(prints, order))
    order = [uuid for uuid in order if uuid not in found]
    if near:
        _take(found, NEAR, find_near(prints, order, **limits))
    # What is kept may be a recording of `--against`, which has no row here.
    places = {row["uuid"]: _place(row) for row in table.select(_PLACE).to_pylist()}
    marks = {
        uuid: {**each, "reason": each["reason"] + places.get(each["kept_id"], each["kept_id"])}
        for uuid, each in found.items()
    }
    return _marked(table, marks), _pairs(found)


_PLACE = ["uuid", "place", "start_s", "end_s"]


def _place(row: Mapping[str, Any]) -> str:
    return f"{row['place']} at {row['start_s']:g}-{row['end_s']:g} s"


def _take(found: dict[str, dict[str, Any]], stage: str, pairs: pa.Table) -> None:
    """Exact copies have a similarity of one and lie at the start."""
    same: dict[str, Any] = {
        "similarity": 1.0,
        "overlap": 1.0,
        "offset": 0.0,
        "speed": 1.0,
        "how": stage,
    }
    for row in pairs.to_pylist():
        row: dict[str, Any] = same | row
        alike = f"similarity {row['similarity']:.4f} to "
        row |= {"stage": stage, "reason": f"same {row['how']}: as " if stage == EXACT else alike}
        found[row["uuid"]] = row


def _pairs(found: Mapping[str, dict[str, Any]]) -> pa.Table:
    groups = {kept: k for k, kept in enumerate(dict.fromkeys(r["kept_id"] for r in found.values()))}
    rows: list[dict[str, Any]] = [
        {**row, "id": uuid, "group": groups[row["kept_id"]]} for uuid, row in found.items()
    ]
    rows.sort(key=lambda row: (row["group"], -row["similarity"], row["id"]))
    return pa.Table.from_pylist(rows, schema=DUPLICATES_SCHEMA)


def _marked(table: pa.Table, marks: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """The table with other marks: `stage`, `reason`, `kept_id` and `similarity`."""
    names = ["keep", "drop_reason", "drop_stage", "kept_id", "similarity"]
    columns = {name: table.column(name).to_pylist() for name in names}
    for row, uuid in enumerate(map(str, table.column("uuid").to_pylist())):
        if (mark := marks.get(uuid)) is not None:
            columns["keep"][row] = not mark["stage"]
            columns["drop_stage"][row], columns["drop_reason"][row] = mark["stage"], mark["reason"]
            columns["kept_id"][row], columns["similarity"][row] = (
                mark["kept_id"],
                mark["similarity"],
            )
    for name, values in columns.items():
        at, kind = table.schema.get_field_index(name), SEGMENTS.schema().field(name)
        table = table.set_column(at, kind, pa.array(values, kind.type))
    return table
