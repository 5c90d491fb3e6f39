"""Which of two segments that hold the same sound has the better right to stay."""

from typing import Literal

import numpy as np
import pyarrow as pa

from curator_engine.items.item_table import numbers_of

type Keep = Literal["longest", "first", "best"]
_SNR_STEP = 3.0
"""Decibels: the estimate differs by less between copies of one sound."""


def rank(table: pa.Table, keep: Keep) -> list[str]:
    """The ids of a table's segments, the best first; equals stay in the order of the table.

    Args:
        table: Rows of `segments.parquet`.
        keep: `longest`, by tenths of a second; `best` by the estimated signal to noise (in steps), then as
            longest; `first` in the order of the table.
    """
    ids = [str(each) for each in table.column("uuid").to_pylist()]
    if keep == "first" or not ids:
        return ids
    seconds = numbers_of(table, "end_s") - numbers_of(table, "start_s")
    keys = [-np.round(seconds, 1)]
    if keep == "best":
        keys.append(-np.floor(numbers_of(table, "snr") / _SNR_STEP))
    return [ids[k] for k in np.lexsort(keys)]
