"""Which of similar clips stays."""

from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

type Keep = Literal["best", "first"]


def rank(table: pa.Table, keep: Keep) -> list[str]:
    """The ids of clips in the order in which they have a right to stay.

    Args:
        table: Rows of clips.parquet, in its order.
        keep: "first" is the order of the table. "best" is by detail: points of the picture without
            bars, times seconds, times the square root of sharpness; ties by the order of the table.
    """
    ids: list[Any] = table.column("uuid").to_pylist()
    if keep == "first":
        return ids

    def column(name: str, absent: float) -> NDArray[np.float64]:
        values: list[Any] = table.column(name).to_pylist()
        return np.array([absent if value is None else value for value in values], np.float64)

    pixels = [
        np.where(column(side, 0) > 0, column(side, 0), column(f"{side}_source", 1))
        for side in ("width", "height")
    ]
    detail = np.sqrt(np.maximum(column("sharpness", 1.0), 1e-6))
    seconds = np.maximum(column("end", 0) - column("start", 0), 1e-3)
    best = pixels[0] * pixels[1] * (1 - column("letterbox_ratio", 0)) * seconds * detail
    return [ids[i] for i in np.argsort(-best, kind="stable").tolist()]
