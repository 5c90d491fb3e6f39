"""Which of two pictures that show the same has the better right to stay."""

from typing import Any, Literal

import numpy as np
import pyarrow as pa

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
    pixels = _numbers(table, "width") * _numbers(table, "height")
    keys = [-_numbers(table, "num_bytes"), -pixels]
    if keep == "best":
        # Steps, because the same picture at two sizes is never equally sharp to the last digit.
        keys.append(-np.floor(np.log1p(_numbers(table, "sharpness")) / np.log(1.2)))
    return [ids[k] for k in np.lexsort(keys)]


def _numbers(table: pa.Table, name: str) -> Any:
    if name not in table.column_names:
        return np.zeros(table.num_rows)
    return np.nan_to_num(table.column(name).to_numpy(zero_copy_only=False).astype(np.float64))
