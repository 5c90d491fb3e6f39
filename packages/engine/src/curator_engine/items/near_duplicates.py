"""Find items that are near-duplicates by their embeddings, and say which one of each group stays.

Up to 50,000 items are all compared with each other; more are cut into clusters first and compared
within them, which misses the few pairs with a border between them (1 in 100 where vectors are spread
evenly, the worst case). What becomes of the duplicates is for the command to say.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.device import Device, choose_device
from curator_engine.errors import InputError
from curator_engine.files.storage import read_bytes
from curator_engine.items.item_table import Mark, lifted, with_marks
from curator_engine.vectors.centroids import fit_centres, nearest_centres
from curator_engine.vectors.choose_eps import FALLBACK_EPS, EpsChoice, choose_eps, histogram
from curator_engine.vectors.matrix import Matrix, vectors_of
from curator_engine.vectors.pairwise import keep_leaders, nearest_earlier

EXACT_UP_TO = 50_000
"""Items that are compared without clusters."""
STAGE = "dedup"
"""What near-duplicates are dropped as."""
MOST_EPS = 0.1
"""Auto takes no more: below a similarity of 0.9, clips of one scene are no near-duplicates."""
_ITEMS_PER_CLUSTER, _SAMPLE_PER_CENTRE, _SEED = 10_000, 256, 42

SCHEMA = pa.schema(
    [
        pa.field("id", pa.string()),
        pa.field("kept_id", pa.string()),
        pa.field("group", pa.int64()),
        pa.field("similarity", pa.float32()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class NearDuplicates:
    """What was found."""

    table: pa.Table
    """A row per item that goes: id, kept_id (the most similar one that stays), the group's number,
    which goes with kept_id, and the similarity of the two; by group, most similar first."""
    counts: NDArray[np.int64]
    """Items by their similarity to the most similar better one; see `eps.histogram`."""
    choice: EpsChoice
    clusters: int
    """Within which items were compared; 1 means that all were compared with all."""


def read_embeddings(
    paths: Iterable[str], wanted: set[str]
) -> tuple[list[str], Matrix, list[tuple[str, str]]]:
    """Read files of embeddings, with the columns id and embedding.

    Args:
        paths: The files.
        wanted: Ids that count; the others are left out.

    Returns:
        Ids, vectors of length one in the same order, shape (items, dims), and the items whose
        embedding cannot be used, with the reason. An item that comes twice counts once.

    Raises:
        InputError: A file is not of that form, or two files have vectors of different sizes.
        StorageError: A file cannot be read.
    """
    ids: list[str] = []
    parts: list[Matrix] = []
    bad: list[tuple[str, str]] = []
    left = set(wanted)
    for path in paths:
        names, column = _read(path)
        rows = [row for row, name in enumerate(names) if name in left]
        rows = list({names[row]: row for row in reversed(rows)}.values())[::-1]
        found = vectors_of(column.take(pa.array(rows, pa.int64())))
        bad += [(names[rows[at]], reason) for at, reason in found.bad]
        if parts and len(found.matrix) and found.matrix.shape[1] != parts[0].shape[1]:
            raise InputError(
                f"{path} holds embeddings of {found.matrix.shape[1]} numbers, earlier files of "
                f"{parts[0].shape[1]}; remove the folder and run again."
            )
        ids += [names[rows[at]] for at in found.rows.tolist()]
        left.difference_update(names[row] for row in rows)
        parts += [found.matrix] if len(found.matrix) else []
    return ids, np.concatenate(parts) if parts else np.empty((0, 0), np.float32), bad


def find_near_duplicates(
    ids: Sequence[str],
    matrix: Matrix,
    *,
    eps: float | Literal["auto"] = "auto",
    fallback: float = FALLBACK_EPS,
    device: Device = "auto",
    exact_up_to: int = EXACT_UP_TO,
) -> NearDuplicates:
    """Find the items that are near-duplicates of a better one that stays.

    Args:
        ids: In the order of `rank`.
        matrix: Vectors of length one in that order.
        eps: An item goes at a cosine similarity of at least 1 - eps to one that stays; auto looks for
            the valley between near-duplicates and the rest.
        fallback: Taken by auto where there is no clear valley.
        device: Where to compare.
        exact_up_to: More items than this are clustered first.
    """
    place = choose_device(device)
    clusters = list(_clusters(matrix, exact_up_to=exact_up_to, device=place))
    scores = [nearest_earlier(matrix[rows], device=place)[1] for rows in clusters]
    # The first one of each cluster has none before it.
    known = [score[1:] for score in scores]
    counts = histogram(np.concatenate([np.empty(0, np.float32), *known]))
    choice = (
        _chosen(counts, fallback)
        if eps == "auto"
        else EpsChoice(eps=eps, reason=f"eps {eps} was given")
    )
    found: list[tuple[int, int, float]] = []
    for rows, score in zip(clusters, scores, strict=True):
        kept, similarity = keep_leaders(matrix[rows], score, eps=choice.eps)
        gone = np.flatnonzero(kept >= 0)
        found += zip(
            rows[gone].tolist(), rows[kept[gone]].tolist(), similarity[gone].tolist(), strict=True
        )
    return NearDuplicates(
        table=_table(ids, found), counts=counts, choice=choice, clusters=len(clusters)
    )


def _chosen(counts: NDArray[np.int64], fallback: float) -> EpsChoice:
    """What auto takes."""
    choice = choose_eps(counts, fallback=fallback)
    if choice.eps <= MOST_EPS:
        return choice
    valley = f"the valley of the similarities is at {1 - choice.eps:.3f}"
    return EpsChoice(
        eps=MOST_EPS, reason=f"{valley}, so eps is {MOST_EPS}, the most that auto takes"
    )


def _clusters(
    matrix: Matrix, *, exact_up_to: int, device: Literal["cpu", "gpu"]
) -> Iterator[NDArray[np.int64]]:
    """Sorted rows of each cluster."""
    count = len(matrix)
    if count <= exact_up_to:
        yield np.arange(count)
        return
    number = -(-count // min(_ITEMS_PER_CLUSTER, exact_up_to))
    random = np.random.default_rng(_SEED)
    sample = random.choice(count, min(count, _SAMPLE_PER_CENTRE * number), replace=False)
    centres = fit_centres(matrix[np.sort(sample)], number, device=device, seed=_SEED)
    labels = nearest_centres(matrix, centres, device=device)
    for label in np.unique(labels):
        yield np.flatnonzero(labels == label)


def _table(ids: Sequence[str], found: list[tuple[int, int, float]]) -> pa.Table:
    found = sorted(found, key=lambda each: (each[1], -each[2], each[0]))
    groups = {kept: number for number, kept in enumerate(dict.fromkeys(k for _, k, _ in found))}
    columns: list[Any] = [
        [ids[row] for row, _, _ in found],
        [ids[kept] for _, kept, _ in found],
        [groups[kept] for _, kept, _ in found],
        [similarity for _, _, similarity in found],
    ]
    return pa.table(dict(zip(SCHEMA.names, columns, strict=True)), schema=SCHEMA)


def _read(path: str) -> tuple[list[str], Any]:
    """Ids and embeddings of a file.

    Raises:
        InputError: It is not of that form.
        StorageError: It cannot be read.
    """
    try:
        table = pq.read_table(io.BytesIO(read_bytes(path)), columns=["id", "embedding"])
    except (pa.ArrowInvalid, KeyError) as error:
        raise InputError(f"{path} is no file of embeddings; remove it.") from error
    if table.column_names != ["id", "embedding"]:
        raise InputError(f"{path} has no columns id and embedding; remove it.")
    return [str(name) for name in table.column("id").to_pylist()], table.column("embedding")


def mark(table: pa.Table, found: NearDuplicates) -> pa.Table:
    """The items with the marks of this comparison; those of an earlier one are lifted.

    Args:
        table: The items, with uuid, keep, drop_stage and drop_reason.
        found: What was found.
    """
    marks = {
        row["id"]: Mark(
            stage=STAGE, reason=f"similarity {row['similarity']:.4f} to {row['kept_id']}"
        )
        for row in found.table.to_pylist()
    }
    return with_marks(lifted(table, [STAGE]), marks)
