"""The documents whose stored vectors are nearest to one, by tables of vectors; a batch of rows is in memory at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from curator_engine.errors import InputError
from curator_engine.files.storage import open_read
from curator_engine.items.nearest import Nearest
from curator_engine.items.where import clauses_of
from curator_engine.vectors.matrix import Matrix, vectors_of
from curator_text.semantic.embedding_tables import made_by

_BATCH_ROWS = 4096
_WHERE_EXAMPLE = "--where \"file == 'a.jsonl'\""
_compute: Any = pc


@dataclass(frozen=True, kw_only=True)
class VectorTables:
    """Parquet files with a column of ids and one of vectors."""

    paths: Sequence[str]
    field: str
    """The column of vectors."""
    id_field: str = "id"
    """That of ids."""

    def facts(self) -> dict[str, Any] | None:
        """How the vectors were made; None if the tables do not say it."""
        with open_read(self.paths[0]) as raw:
            return made_by(pq.ParquetFile(raw).schema_arrow)

    def vector_of(self, *meanings: Mapping[str, Any]) -> NDArray[np.float32] | None:
        """The vector of the first document of which this is known, shape (dims,); None if there is none.

        Args:
            meanings: What it may be, as values of columns.
        """
        for values in meanings:
            for rows, matrix in self._batches():
                if not values.keys() <= {*rows.column_names}:
                    break
                known: Any = np.ones(rows.num_rows, np.bool_)
                for name, value in values.items():
                    same = _compute.equal(rows.column(name).cast(pa.string()), str(value))
                    known &= same.fill_null(False).to_numpy()
                if known.any():
                    return matrix[int(np.flatnonzero(known)[0])]
        return None

    def nearest(
        self, wanted: NDArray[np.float32], *, top: int, where: str | None = None
    ) -> list[dict[str, Any]]:
        """The rows of the most similar documents, without their vectors, with `similarity`, best first; exact.

        Args:
            wanted: Of length one, shape (dims,).
            top: Rows at most.
            where: A condition on the other columns.

        Raises:
            InputError: The vector is of another size than theirs.
            SettingsError: Not a condition, or one on a column that is not there.
        """
        best = Nearest(wanted, top=top)
        for rows, matrix in self._batches():
            holds = np.ones(rows.num_rows, np.bool_)
            for clause in clauses_of(where, rows, example=_WHERE_EXAMPLE) if where else ():
                holds &= clause.holds
            known = rows.filter(pa.array(holds))
            if known.num_rows:
                ids: list[Any] = known.column(self.id_field).to_pylist()
                best.add([str(each) for each in ids], matrix[holds], known)
        return best.rows()

    def _batches(self) -> Iterator[tuple[pa.Table, Matrix]]:
        """Rows without their vectors, and the vectors; what holds none is left out.

        Raises:
            InputError: A file has no such columns.
        """
        for path in self.paths:
            with open_read(path) as raw:
                file = pq.ParquetFile(raw)
                for name in (self.id_field, self.field):
                    if name not in file.schema_arrow.names:
                        raise InputError(
                            f"{path} has no column {name!r}, so it cannot be searched."
                        )
                for batch in file.iter_batches(_BATCH_ROWS, use_threads=False):
                    table = pa.Table.from_batches([batch])
                    vectors = vectors_of(table.column(self.field))
                    rows = table.drop_columns([self.field]).take(pa.array(vectors.rows, pa.int64()))
                    if rows.num_rows:
                        yield rows, vectors.matrix
