"""Which of similar documents stays: the keep policies, as an order of documents.

The first in keep order is kept; ties are broken by the order of files and rows.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from curator_engine.errors import InputError, SettingsError

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


def keep_rank(
    values: list[NDArray[np.float64] | NDArray[np.str_]], *, field: str
) -> NDArray[np.int64]:
    """The place of each document in keep order: highest value first, missing ones last.

    Args:
        values: One array per block, in order: numbers (nan is missing) or texts ("" is missing).
        field: The field, for the error.

    Returns:
        Shape (documents,), a permutation.

    Raises:
        InputError: The field is a number in some documents and a text in others.
    """
    used = [block for block in values if has_values(block)]
    kinds = {block.dtype.kind for block in used}
    if len(kinds) > 1:
        raise InputError(f"the keep field {field!r} is text in some files and a number in others.")
    if not used:
        raise InputError(f"the keep field {field!r} is in none of the documents.")
    text = "U" in kinds
    blank = "" if text else np.nan
    joined = np.concatenate(
        [b if (b.dtype.kind == "U") == text else np.full(len(b), blank) for b in values]
    )
    missing = joined == "" if text else np.isnan(joined.astype(np.float64))
    if text:
        _, codes = np.unique(joined, return_inverse=True)
    else:
        codes = np.where(missing, 0.0, joined.astype(np.float64))
    order = np.lexsort((np.arange(len(joined)), -codes, missing))
    rank = np.empty(len(joined), dtype=np.int64)
    rank[order] = np.arange(len(joined))
    return rank


def has_values(block: NDArray[np.float64] | NDArray[np.str_]) -> bool:
    """Whether a block has a value of the keep field: a number that is not nan, or a text that is not ""."""
    return bool(
        np.any(block != "" if block.dtype.kind == "U" else ~np.isnan(block.astype(np.float64)))
    )
