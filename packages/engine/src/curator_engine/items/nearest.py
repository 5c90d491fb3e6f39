"""The items that are nearest to a vector, by stored embeddings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.vectors.matrix import wide


class Nearest:
    """The most similar of many vectors, of which a part is in memory at a time; exact.

    Args:
        wanted: What they are compared with, of length one, shape (dims,).
        top: How many are kept.

    Example:
        >>> best = Nearest(wanted, top=10)
        >>> for ids, vectors, rows in parts:
        ...     best.add(ids, vectors, rows)
        >>> best.rows()[0]["similarity"]
    """

    def __init__(self, wanted: NDArray[np.float32], *, top: int) -> None:
        self._wanted, self._top = wanted, top
        self._best: list[tuple[float, str, dict[str, Any]]] = []

    def add(self, ids: Sequence[str], vectors: NDArray[np.float32], rows: pa.Table) -> None:
        """Look at a part.

        Args:
            ids: Of the items.
            vectors: Of length one, shape (items, dims).
            rows: What is told of each item that is found.

        Raises:
            InputError: The vectors are of another size than what they are compared with.
        """
        if self._wanted.shape != vectors.shape[1:]:
            raise InputError(
                f"the query's embedding has {len(self._wanted)} numbers, the stored ones {vectors.shape[1]}; "
                "give the model that they were made with."
            )
        similarity = wide(vectors) @ wide(self._wanted)
        names: list[str] = [*ids]
        order = np.lexsort((np.array(names), -similarity))[: self._top].tolist()
        told = rows.take(pa.array(order, pa.int64())).to_pylist()
        self._best += [
            (-float(similarity[k]), names[k], row) for k, row in zip(order, told, strict=True)
        ]
        self._best = sorted(self._best, key=lambda each: each[:2])[: self._top]

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the most similar items, with `similarity`, best first; equal ones by their ids."""
        return [{**row, "similarity": round(-negative, 6)} for negative, _, row in self._best]


def nearest(
    table: pa.Table,
    ids: Sequence[str],
    vectors: NDArray[np.float32],
    wanted: NDArray[np.float32],
    *,
    top: int,
) -> list[dict[str, Any]]:
    """The rows of the items that are most similar to a vector, with `similarity`, best first.

    Args:
        table: The items, with a column uuid; those that are not in it are left out.
        ids: Of the vectors.
        vectors: Of length one, shape (items, dims).
        wanted: Of length one, shape (dims,).
        top: Rows at most.

    Raises:
        InputError: The vector is of another size than the items'.
    """
    places = {uuid: row for row, uuid in enumerate(table.column("uuid").to_pylist())}
    known = [k for k, name in enumerate(ids) if name in places]
    rows = table.take(pa.array([places[ids[k]] for k in known], pa.int64()))
    best = Nearest(wanted, top=top)
    best.add([ids[k] for k in known], vectors[known], rows)
    return best.rows()
