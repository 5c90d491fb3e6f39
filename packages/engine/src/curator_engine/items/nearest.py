"""The items that are nearest to a vector, by stored embeddings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.vectors.matrix import wide


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
    if wanted.shape != vectors.shape[1:]:
        raise InputError(
            f"the query's embedding has {len(wanted)} numbers, the stored ones {vectors.shape[1]}; "
            "give the model that they were made with."
        )
    similarity = wide(vectors) @ wide(wanted)
    order = np.lexsort((np.array(ids), -similarity))
    rows = {row["uuid"]: row for row in table.to_pylist()}
    known = (k for k in order.tolist() if ids[k] in rows)
    found = [{**rows[ids[k]], "similarity": round(float(similarity[k]), 6)} for k in known]
    return found[:top]
