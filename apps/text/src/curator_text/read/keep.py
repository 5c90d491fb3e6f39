"""Which of similar documents stays: the keep policies, as an order of documents.

The first in keep order is kept; ties are broken by the order of files and rows. All jobs compare the
keys of `order_keys.py`.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError
from curator_engine.task import ArrowArray
from curator_text.read.order_keys import KEY_TYPE, ORDERED

DEFAULT_NEWEST_FIELD = "timestamp"


@dataclass(frozen=True, kw_only=True)
class KeepPolicy:
    """A keep policy and the field that it looks at."""

    kind: Literal["first", "longest", "newest", "field"] = "first"
    field: str | None = None
    """The field whose highest value is kept, for `newest` and `field`."""


def parse_keep(text: str) -> KeepPolicy:
    """Read `first`, `longest`, `newest`, `newest:FIELD` or `field:FIELD`.

    Raises:
        SettingsError: None of these.
    """
    kind, colon, name = text.partition(":")
    if kind in ("first", "longest") and not colon:
        return KeepPolicy(kind="first" if kind == "first" else "longest")
    if kind == "newest" and (name or not colon):
        return KeepPolicy(kind="newest", field=name or DEFAULT_NEWEST_FIELD)
    if kind == "field" and name:
        return KeepPolicy(kind="field", field=name)
    raise SettingsError(
        f"keep={text!r} is not a policy; use first, longest, newest, newest:FIELD or field:FIELD."
    )


def check_kinds(places: dict[str, str], *, field: str) -> None:
    """Make sure that values can be ordered.

    Args:
        places: Where the first value of each kind stands, such as "a.jsonl, line 3".
        field: The keep field.

    Raises:
        InputError: They are of several kinds, or of one without an order.
    """
    for kind, place in places.items():
        if kind not in ORDERED:
            raise InputError(
                f"the keep field {field!r} is a {kind} in {place}, which has no order; keep by "
                "another field."
            )
    if len(places) > 1:
        found = " and a ".join(f"{kind} in {place}" for kind, place in list(places.items())[:2])
        raise InputError(
            f"the keep field {field!r} is a {found}; values of two kinds have no order: mend one of "
            "them, or keep by another field."
        )


def keep_rank(keys: list[ArrowArray]) -> NDArray[np.int64]:
    """The place of each document in keep order: highest key first, missing ones last.

    Args:
        keys: One array per block, in order, as `order_keys.py` makes them.

    Returns:
        Shape (documents,), a permutation.
    """
    joined: Any = pa.chunked_array([*keys, pa.array([], KEY_TYPE)])
    # Of a table: that sort is stable, and puts nulls last.
    options = pc.SortOptions(sort_keys=[("key", "descending")])
    order = pc.call_function("sort_indices", [pa.table({"key": joined})], options).to_numpy()
    rank = np.empty(len(joined), dtype=np.int64)
    rank[order] = np.arange(len(joined))
    return rank
