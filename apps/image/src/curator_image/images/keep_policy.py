"""Which of two pictures that show the same has the better right to stay."""

from typing import Literal

import numpy as np
import pyarrow as pa

from curator_engine.items.item_table import numbers_of

type Keep = Literal["largest", "first", "best"]


def rank(table: pa.Table, keep: Keep) -> list[str]:
    """The ids of a table's pictures, the best first; equals stay in the order of the table.

    Args:
        table: Rows of `images.parquet`.
        keep: `largest` by pixels, then bytes; `best` by sharpness at the working size (steps of a
            fifth), then as largest; `first` in the order of the table.
    """
    ids = [str(each) for each in table.column("uuid").to_pylist()]
    if keep == "first" or not ids:
        return ids
    pixels = numbers_of(table, "width") * numbers_of(table, "height")
    keys = [-numbers_of(table, "num_bytes"), -pixels]
    if keep == "best":
        # Steps, because the same picture at two sizes is never equally sharp to the last digit.
        keys.append(-np.floor(np.log1p(numbers_of(table, "sharpness")) / np.log(1.2)))
    return [ids[k] for k in np.lexsort(keys)]
