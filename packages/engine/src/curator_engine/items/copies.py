"""Which items go as copies of others, and the list of them.

An app says how copies are searched for, one search after the other: each sees the items that the
earlier ones have left, and the first that finds an item counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from curator_engine.items.item_table import Mark

EXACT, NEAR, LEAK, SEMANTIC = "exact", "near", "leak", "semantic"
"""What copies are dropped as: the same, alike, the same as or alike to an item of `--against`, and alike in
what they mean."""
COPIES = (EXACT, NEAR, LEAK, SEMANTIC)
FACTS = ("kept_id", "similarity")
"""Columns of a table of items with copies: the item that stays, and how alike the two are."""

type Search = Callable[[list[str]], pa.Table]
"""Gives a row per copy among items of these ids, in the order of their right to stay: `uuid`, `kept_id`,
and `how` or `similarity`; `how` is what the two have in common, such as bytes."""


def find_copies(
    order: Sequence[str], searches: Iterable[tuple[str, Search]], places: Mapping[str, str]
) -> dict[str, Mark]:
    """The marks of the items that are copies, with all columns of the searches as facts.

    Args:
        order: Ids of the items to compare, by the right to stay.
        searches: What is found is dropped as (EXACT, NEAR or LEAK), and how it is looked for.
        places: Where each item is, in words; one of `--against` has none here, and goes by its id.

    Example:
        >>> find_copies(["a", "b"], [(EXACT, same_bytes)], {"a": "a.jpg"})["b"].reason
        'same bytes: as a.jpg'
    """
    found: dict[str, Mark] = {}
    for stage, search in searches:
        left = [uuid for uuid in order if uuid not in found]
        for row in search(left).to_pylist():
            how, similarity = row.get("how"), row.get("similarity")
            why = f"same {how}: as " if how else f"similarity {similarity:.4f} to "
            found[row["uuid"]] = Mark(
                stage=stage,
                reason=why + places.get(row["kept_id"], row["kept_id"]),
                facts={"similarity": 1.0, **row},
            )
    return found


def pairs_table(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """The list of copies, by the item that stays, the most similar first.

    Args:
        rows: Copies with `id`, `kept_id` and `similarity`.
        schema: Columns of the list; `group` is counted here.
    """
    rows = list(rows)
    groups = {kept: k for k, kept in enumerate(dict.fromkeys(row["kept_id"] for row in rows))}
    pairs = [{**row, "group": groups[row["kept_id"]]} for row in rows]
    pairs.sort(key=lambda row: (row["group"], -row["similarity"], row["id"]))
    return pa.Table.from_pylist(pairs, schema=schema)
