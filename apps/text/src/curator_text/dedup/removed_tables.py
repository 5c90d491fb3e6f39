"""What deduplication tells of the documents that go: the rows of `removed/` and `clusters/`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.task import ArrowColumn, Task
from curator_text.removal.corpus import Corpus

REMOVED_SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "kept_id": pa.string(),
        "cluster_id": pa.string(),
        "component_id": pa.int64(),
        "similarity": pa.float64(),
        "file": pa.string(),
        "row": pa.int64(),
        "byte_offset": pa.int64(),
        "length": pa.int64(),
    }
)
CLUSTERS_SCHEMA = pa.schema(
    {
        "cluster_id": pa.string(),
        "size": pa.int64(),
        "component_id": pa.int64(),
        "file": pa.string(),
        "row": pa.int64(),
        "byte_offset": pa.int64(),
        "length": pa.int64(),
        "members": pa.list_(pa.string()),
        "similarities": pa.list_(pa.float64()),
    }
)


@dataclass(kw_only=True)
class PartitionTask(Task[int]):
    """One partition of the components, by its position."""

    def source_key(self) -> str:
        """The partition's number."""
        return f"partition{self.data}"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What becomes of the members of a partition, in keep order."""

    kept: NDArray[np.int64]
    """Index of the kept document of each one; -1 for those that stay."""
    similarity: NDArray[np.float64]
    """To it; nan where it was not computed."""
    capped: int = 0
    checks: int = 0


def tables_of(
    corpus: Corpus,
    own_ids: ArrowColumn,
    numbers: NDArray[np.int64],
    components: NDArray[np.int64],
    verdict: Verdict,
    *,
    places: dict[str, NDArray[np.int64]] | None = None,
) -> tuple[pa.Table, pa.Table]:
    """The rows of `removed/` and of `clusters/`, in keep order.

    Args:
        corpus: The documents.
        own_ids: The users' ids of the members; the file and the row stand for those without one.
        numbers: The members' numbers.
        components: Number of the first member of each one's component.
        verdict: What becomes of them.
        places: As `Corpus.places` gives them, if they are known already.
    """
    places = places or corpus.places(numbers)
    whereabouts: dict[str, Any] = {"file": corpus.names(numbers)}
    for name, source in {"row": "line", "byte_offset": "position", "length": "length"}.items():
        whereabouts[name] = pa.array(places[source], pa.int64())
    ids = _ids(own_ids, whereabouts)
    gone = np.flatnonzero(verdict.kept >= 0)
    kept = verdict.kept[gone]
    similarity = pa.array(verdict.similarity[gone], pa.float64(), from_pandas=True)
    removed = {name: _take(values, gone) for name, values in whereabouts.items()}
    removed |= {"id": _take(ids, gone), "kept_id": _take(ids, kept), "similarity": similarity}
    removed |= {"cluster_id": removed["kept_id"], "component_id": pa.array(components[gone])}
    by_kept = np.argsort(kept, kind="stable")
    heads, counts = np.unique(kept, return_counts=True)
    ends = pa.array(np.concatenate(([0], np.cumsum(counts))), pa.int32())
    clusters = {name: _take(values, heads) for name, values in whereabouts.items()}
    clusters |= {"cluster_id": _take(ids, heads), "component_id": pa.array(components[heads])}
    clusters |= {
        "size": pa.array(counts + 1, pa.int64()),
        "members": pa.ListArray.from_arrays(ends, _take(ids, gone[by_kept])),
        "similarities": pa.ListArray.from_arrays(ends, _take(similarity, by_kept)),
    }
    return (
        pa.table({name: removed[name] for name in REMOVED_SCHEMA.names}, REMOVED_SCHEMA),
        pa.table({name: clusters[name] for name in CLUSTERS_SCHEMA.names}, CLUSTERS_SCHEMA),
    )


def _ids(own: ArrowColumn, whereabouts: dict[str, Any]) -> Any:
    """The users' ids, or FILE:ROW of documents without one."""
    compute: Any = pc
    row = whereabouts["row"].cast(pa.string())
    made = compute.binary_join_element_wise(whereabouts["file"], row, ":")
    has_one = compute.not_equal(compute.fill_null(own, ""), "")
    ids: Any = compute.if_else(has_one, own, made)
    return ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids


def _take(values: Any, indices: NDArray[np.int64]) -> Any:
    return values.take(pa.array(indices, pa.int64()))
