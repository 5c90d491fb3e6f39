"""Which pictures stay: by limits on their scores, then without copies of what stays."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from curator_engine.items.limit import Limit
from curator_engine.items.near_duplicates import SCHEMA
from curator_image.copy_options import CopyOptions
from curator_image.duplicates.exact import find_exact
from curator_image.duplicates.near import find_near
from curator_image.images.image_table import IMAGES
from curator_image.images.keep_policy import rank

EXACT, NEAR, LEAK = "exact", "near", "leak"
"""What copies are dropped as: the same bytes or pixels, alike, and alike to a picture of `--against`."""
COPIES = (EXACT, NEAR, LEAK)
_FACTS = ("kept_id", "similarity", "overlap", "transform")


def by_limits(table: pa.Table, limits: Sequence[Limit]) -> pa.Table:
    """The table with marks on the kept pictures that break a limit; the first one counts."""
    if not limits:
        return table
    names = sorted({limit.score for limit in limits} & set(table.column_names))
    marks: dict[str, tuple[str, str]] = {}
    for row in table.select(["uuid", "keep", *names]).to_pylist():
        scores = {name: row[name] for name in names if row[name] is not None}
        broken = next(((each, why) for each in limits if (why := each.broken_by(scores))), None)
        if row["keep"] and broken:
            marks[row["uuid"]] = (broken[0].group, broken[1])
    return _marked(table, {uuid: {"stage": s, "reason": r} for uuid, (s, r) in marks.items()})


def without_copies(
    table: pa.Table,
    prints: pa.Table,
    how: CopyOptions,
    *,
    data_of: Callable[[str], bytes] | None = None,
    against: pa.Table | None = None,
    only_against: bool = False,
) -> pa.Table:
    """The table with marks on copies; those of an earlier call come back first.

    Args:
        table: Rows of `images.parquet`.
        prints: Fingerprints of its pictures.
        how: What counts as a copy, and which one stays.
        data_of: The bytes of a picture, by its id, to prove that two have the same pixels.
        against: Fingerprints of pictures that none may be a copy of.
        only_against: Mark the copies of those only.
    """
    table = _back(table)
    order = rank(table.filter(table.column("keep")), how.keep)
    found: dict[str, dict[str, Any]] = {}
    if against is not None:
        found |= _same_bytes(prints, order, against)
        order = [uuid for uuid in order if uuid not in found]
        _take(
            found,
            LEAK,
            find_near(prints, order, against=against, only_against=True, **_limits(how)),
        )
        order = [uuid for uuid in order if uuid not in found]
    if only_against:
        order = []
    _take(found, EXACT, find_exact(prints, order, read=data_of))
    order = [uuid for uuid in order if uuid not in found]
    if how.near != "off":
        _take(found, NEAR, find_near(prints, order, **_limits(how)))
    places = dict(
        zip(table.column("uuid").to_pylist(), table.column("place").to_pylist(), strict=True)
    )
    for mark in found.values():
        # What is kept may be a picture of `--against`, which has no row here.
        mark["reason"] += str(places.get(mark["kept_id"], mark["kept_id"]))
    return _marked(table, found)


def pairs_of(table: pa.Table) -> pa.Table:
    """Every copy with the picture that stays, as `duplicates.parquet` of the engine has it."""
    rows: Iterable[dict[str, Any]] = table.select(["uuid", "drop_stage", *_FACTS]).to_pylist()
    mine = [row for row in rows if row["drop_stage"] in COPIES]
    groups = {kept: k for k, kept in enumerate(dict.fromkeys(row["kept_id"] for row in mine))}
    pairs = [
        {
            "id": row["uuid"],
            "kept_id": row["kept_id"],
            "group": groups[row["kept_id"]],
            "similarity": row["similarity"],
        }
        for row in mine
    ]
    pairs.sort(key=lambda row: (row["group"], -row["similarity"], row["id"]))
    return pa.Table.from_pylist(pairs, schema=SCHEMA)


def _limits(how: CopyOptions) -> dict[str, Any]:
    return {"threshold": how.threshold, "min_overlap": how.min_overlap}


def _take(found: dict[str, dict[str, Any]], stage: str, pairs: pa.Table) -> None:
    for row in pairs.to_pylist():
        facts = {name: row.get(name) for name in _FACTS}
        facts["similarity"] = 1.0 if facts["similarity"] is None else facts["similarity"]
        found[row["uuid"]] = {"stage": stage, "reason": _reason(stage, row), **facts}


def _same_bytes(
    prints: pa.Table, order: Sequence[str], against: pa.Table
) -> dict[str, dict[str, Any]]:
    """Marks on the pictures that are there with the same bytes, also those without anything to see in them."""
    theirs = dict(zip(*(_values(against, name) for name in ("sha256", "uuid")), strict=True))
    mine = dict(zip(*(_values(prints, name) for name in ("uuid", "sha256")), strict=True))
    facts = {**dict.fromkeys(_FACTS), "similarity": 1.0}
    return {
        uuid: {"stage": LEAK, "reason": "same bytes: as ", **facts, "kept_id": theirs[mine[uuid]]}
        for uuid in order
        if mine.get(uuid) in theirs
    }


def _values(table: pa.Table, name: str) -> list[Any]:
    return table.column(name).to_pylist()


def _reason(stage: str, row: Mapping[str, Any]) -> str:
    """Why a picture goes, up to the name of the one that stays."""
    if stage == EXACT:
        return f"same {row['how']}: as "
    return f"similarity {row['similarity']:.4f} to "


def _back(table: pa.Table) -> pa.Table:
    """Copies of an earlier call are kept again; what is in a set of `against` is not."""
    rows: Iterable[dict[str, Any]] = table.select(["uuid", "drop_stage"]).to_pylist()
    mine = {row["uuid"] for row in rows if row["drop_stage"] in (EXACT, NEAR)}
    none = {"stage": "", "reason": "", **dict.fromkeys(_FACTS)}
    return _marked(table, dict.fromkeys(mine, none)) if mine else table


def _marked(table: pa.Table, marks: Mapping[str, Mapping[str, Any]]) -> pa.Table:
    """The table with other marks: `stage`, `reason`, and facts on the copy where there are some."""
    if not marks:
        return table
    names = ["keep", "drop_reason", "drop_stage", *_FACTS]
    columns = {name: table.column(name).to_pylist() for name in names}
    for row, uuid in enumerate(map(str, table.column("uuid").to_pylist())):
        if (mark := marks.get(uuid)) is not None:
            columns["keep"][row] = not mark["stage"]
            columns["drop_stage"][row], columns["drop_reason"][row] = mark["stage"], mark["reason"]
            for name in _FACTS:
                columns[name][row] = mark.get(name)
    for name, values in columns.items():
        at = table.schema.get_field_index(name)
        table = table.set_column(
            at, IMAGES.schema().field(name), pa.array(values, table.schema.field(at).type)
        )
    return table
