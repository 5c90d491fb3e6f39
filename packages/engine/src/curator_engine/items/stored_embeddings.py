"""Embeddings in the folder of a run: a folder per kind, `<name>_embd_parquet/`, with columns id and embedding."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import list_folders, list_names
from curator_engine.stages.table_files import write_table
from curator_engine.vectors.matrix import Matrix

EMBEDDINGS = "_embd_parquet"
"""End of the name of a folder of embeddings; it begins with their kind."""
FINGERPRINT = "fingerprint"
"""The kind that is taken where there are several."""


def write_embeddings(output: str, name: str, part: str, ids: Sequence[str], matrix: Matrix) -> None:
    """Write a part of the embeddings of a kind.

    Args:
        output: Folder of the run.
        name: The kind.
        part: Name of the file, without its ending.
        ids: Of the items.
        matrix: Vectors of length one, shape (items, dims).

    Raises:
        StorageError: It cannot be written.
    """
    vectors = pa.FixedSizeListArray.from_arrays(
        pa.array(matrix.astype(np.float32).ravel()), matrix.shape[1]
    )
    table = pa.table({"id": list(ids), "embedding": vectors})
    write_table(join(output, name + EMBEDDINGS, f"{part}.parquet"), table)


def embedding_files(output: str, name: str) -> list[str]:
    """The files of a kind; none where the run has none."""
    folder = join(output, name + EMBEDDINGS)
    return [join(folder, each) for each in list_names(folder) if each.endswith(".parquet")]


def choose_embedding(output: str, wanted: str | None = None) -> str:
    """Which kind to take: the wanted one, else the fingerprint, or the only one there is.

    Raises:
        InputError: There is none, not this one, or several to choose from.
    """
    names = [
        each.removesuffix(EMBEDDINGS) for each in list_folders(output) if each.endswith(EMBEDDINGS)
    ]
    if not names:
        raise InputError(f"{output} holds no embeddings; run again with --embed fingerprint.")
    listed = ", ".join(names)
    if wanted is not None and wanted not in names:
        raise InputError(f"{output} holds no embeddings {wanted!r}; there are {listed}.")
    if wanted is None and len(names) > 1 and FINGERPRINT not in names:
        raise InputError(f"{output} holds several embeddings; choose by --embedding: {listed}.")
    return wanted or (FINGERPRINT if FINGERPRINT in names else names[0])
