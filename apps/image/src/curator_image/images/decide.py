"""Which pictures stay: by limits on their scores, then without copies of what stays."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from curator_engine.items.copies import (
    COPIES,
    EXACT,
    FACTS,
    LEAK,
    NEAR,
    SEMANTIC,
    Search,
    find_copies,
    pairs_table,
)
from curator_engine.items.item_table import Mark, lifted, with_marks
from curator_engine.items.limit import Limit
from curator_engine.items.near_duplicates import SCHEMA
from curator_image.copy_options import CopyOptions
from curator_image.duplicates.exact import EXACT_DUPLICATES, find_exact
from curator_image.duplicates.near import Compare, find_near
from curator_image.images.keep_policy import rank

_FACTS = (*FACTS, "overlap", "transform")


def by_limits(table: pa.Table, limits: Sequence[Limit]) -> pa.Table:
    """The table with marks on the kept pictures that break a limit; the first one counts."""
    if not limits:
        return table
    names = sorted({limit.score for limit in limits} & set(table.column_names))
    marks: dict[str, Mark] = {}
    for row in table.select(["uuid", "keep", *names]).to_pylist():
        scores = {name: row[name] for name in names if row[name] is not None}
        broken = next(((each, why) for each in limits if (why := each.broken_by(scores))), None)
        if row["keep"] and broken:
            marks[row["uuid"]] = Mark(stage=broken[0].group, reason=broken[1])
    return with_marks(table, marks)


def by_languages(table: pa.Table, wanted: Sequence[str]) -> pa.Table:
    """The table with marks on the kept pictures whose captions are in none of these languages.

    Args:
        table: Rows of `images.parquet`.
        wanted: As deu, or zho_Hans; all if empty.
    """
    marks: dict[str, Mark] = {}
    for row in table.select(["uuid", "keep", "caption_language"]).to_pylist() if wanted else ():
        language = row["caption_language"]
        if row["keep"] and language and not {language, language.partition("_")[0]} & {*wanted}:
            marks[row["uuid"]] = Mark(stage="language", reason=f"caption_language is {language}")
    return with_marks(table, marks)


def without_copies(
    table: pa.Table,
    prints: pa.Table,
    how: CopyOptions,
    *,
    data_of: Callable[[str], bytes] | None = None,
    against: pa.Table | None = None,
    only_against: bool = False,
    semantic: Search | None = None,
    compare: Callable[[str], Compare] | None = None,
) -> pa.Table:
    """The table with marks on copies; those of an earlier call come back first.

    Args:
        table: Rows of `images.parquet`.
        prints: Fingerprints of its pictures.
        how: What counts as a copy, and which one stays.
        data_of: The bytes of a picture, by its id, to prove that two have the same pixels.
        against: Fingerprints of pictures that none may be a copy of.
        only_against: Mark the copies of those only.
        semantic: Finds what means the same, among what the others leave.
        compare: Gives what compares pictures with those of `against` (LEAK), or with each other (NEAR);
            in this process without it.
    """
    # What is in a set of `against` does not come back.
    table = lifted(table, (EXACT, NEAR, SEMANTIC), facts=_FACTS)
    near = partial(find_near, prints, threshold=how.threshold, min_overlap=how.min_overlap)

    def near_of(stage: str) -> Callable[..., pa.Table]:
        return partial(near, compare=compare(stage)) if compare else near

    searches: list[tuple[str, Search]] = []
    if against is not None:
        among = partial(near_of(LEAK), against=against, only_against=True)
        searches += [(LEAK, partial(_same_bytes, prints, against=against)), (LEAK, among)]
    if not only_against:
        searches.append((EXACT, partial(find_exact, prints, read=data_of)))
    if not only_against and how.near != "off":
        searches.append((NEAR, near_of(NEAR)))
    if not only_against and semantic is not None:
        searches.append((SEMANTIC, semantic))
    order = rank(table.filter(table.column("keep")), how.keep)
    places = dict(zip(_values(table, "uuid"), _values(table, "place"), strict=True))
    return with_marks(table, find_copies(order, searches, places), facts=_FACTS)


def pairs_of(table: pa.Table) -> pa.Table:
    """Every copy with the picture that stays, as `duplicates.parquet` of the engine has it."""
    rows: list[dict[str, Any]] = table.select(["uuid", "drop_stage", *FACTS]).to_pylist()
    return pairs_table(
        ({**row, "id": row["uuid"]} for row in rows if row["drop_stage"] in COPIES), SCHEMA
    )


def _same_bytes(prints: pa.Table, order: Sequence[str], *, against: pa.Table) -> pa.Table:
    """The pictures that are there with the same bytes, also those without anything to see in them."""
    theirs = dict(zip(*(_values(against, name) for name in ("sha256", "uuid")), strict=True))
    mine = dict(zip(*(_values(prints, name) for name in ("uuid", "sha256")), strict=True))
    found = [
        {"uuid": uuid, "kept_id": theirs[mine[uuid]], "how": "bytes"}
        for uuid in order
        if mine.get(uuid) in theirs
    ]
    return pa.Table.from_pylist(found, EXACT_DUPLICATES)


def _values(table: pa.Table, name: str) -> list[Any]:
    return table.column(name).to_pylist()
