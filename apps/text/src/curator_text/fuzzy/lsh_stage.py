"""Buckets of documents whose signatures agree in a band, as NeMo Curator's `LSHStage` writes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import PipelineError, SettingsError
from curator_engine.files.paths import join
from curator_engine.positional import positional
from curator_engine.stage import Shuffle
from curator_engine.stages.file_shuffle import FilesShuffle
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR
from curator_text.dedup.step_names import CURATOR_DEFAULT_MINHASH_FIELD, CURATOR_LSH_BUCKET_FIELD
from curator_text.fuzzy.lsh import band_keys


@positional(
    "num_bands",
    "minhashes_per_band",
    "id_field",
    "minhash_field",
    "output_path",
    "read_kwargs",
    "write_kwargs",
    "rmm_pool_size",
    "spill_memory_limit",
    "enable_statistics",
    "bands_per_iteration",
    "total_nparts",
    "use_async_memory",
)
@dataclass(kw_only=True)
class LSHStage(FilesShuffle):
    """Write the buckets of signature files: `_bucket_id` and a sorted list of ids, in `<output_path>/LSHStage`.

    A bucket is a band and its key; those of one document are left out. The name of a file has the
    bands that it is of.

    Example:
        >>> LSHStage(num_bands=20, minhashes_per_band=13, output_path="cache")
    """

    num_bands: int
    """Bands of a signature: documents that agree in one are candidates."""
    minhashes_per_band: int
    """Rows of a signature per band."""
    id_field: str = CURATOR_DEDUP_ID_STR
    """Column with the documents' ids."""
    minhash_field: str = CURATOR_DEFAULT_MINHASH_FIELD
    """Column with the signatures."""
    bands_per_iteration: int = 5
    """Bands that are brought together at a time: fewer need less memory and more looks at the files."""
    name: str = "LSHStage"

    def __post_init__(self) -> None:
        if not 1 <= self.bands_per_iteration <= self.num_bands:
            raise SettingsError(
                f"bands_per_iteration={self.bands_per_iteration} is not in [1, {self.num_bands}]."
            )
        self.shuffle([CURATOR_LSH_BUCKET_FIELD], join(self.output_path, "LSHStage"))
        vars(self)["pool_kind"] = Shuffle(band_ranges=tuple(self.get_band_iterations()))

    def get_band_iterations(self) -> Iterator[tuple[int, int]]:
        """The bands [start, end) of each iteration."""
        for start in range(0, self.num_bands, self.bands_per_iteration):
            yield start, min(start + self.bands_per_iteration, self.num_bands)

    def columns(self) -> list[str]:
        """Ids and signatures."""
        return [self.id_field, self.minhash_field]

    def needed(self) -> Sequence[str]:
        """Ids and signatures."""
        return self.columns()

    def cut(self, table: pa.Table, bands: tuple[int, int]) -> pa.Table:
        """A row per document and band: the id and the bucket.

        Raises:
            PipelineError: The signatures have too few rows for the bands.
        """
        rows = self.num_bands * self.minhashes_per_band
        signed = _matrix(table.column(self.minhash_field), rows)
        if signed.shape[1] < rows:
            raise PipelineError(
                f"{self.name}: the signatures have {signed.shape[1]} rows, and {self.num_bands} bands of "
                f"{self.minhashes_per_band} need {rows}."
            )
        first, last = (band * self.minhashes_per_band for band in bands)
        part = np.ascontiguousarray(signed[:, first:last])
        keys = band_keys(
            part, num_bands=bands[1] - bands[0], minhashes_per_band=self.minhashes_per_band
        )
        ids: Any = table.column(self.id_field)
        buckets = [_names(band, each) for band, each in zip(range(*bands), keys, strict=True)]
        return pa.concat_tables(
            [pa.table({self.id_field: ids, CURATOR_LSH_BUCKET_FIELD: each}) for each in buckets]
        )

    def finished(self, table: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
        """The buckets of several documents, in order; how many there are."""
        order: Any = [(CURATOR_LSH_BUCKET_FIELD, "ascending"), (self.id_field, "ascending")]
        table = table.sort_by(order).combine_chunks()
        names: Any = table.column(CURATOR_LSH_BUCKET_FIELD).combine_chunks()
        codes: NDArray[np.int64] = names.dictionary_encode().indices.to_numpy()
        starts = np.flatnonzero(np.append(True, np.diff(codes) != 0))[: len(codes)]
        sizes = np.diff(np.append(starts, len(codes)))
        several = sizes > 1
        kept = np.repeat(several, sizes)
        ids: Any = table.column(self.id_field).filter(pa.array(kept)).combine_chunks()
        ends: Any = pa.array(np.append(0, np.cumsum(sizes[several])), pa.int32())
        columns: dict[str, Any] = {
            CURATOR_LSH_BUCKET_FIELD: names.take(pa.array(starts[several])),
            self.id_field: pa.ListArray.from_arrays(ends, ids),
        }
        return pa.table(columns), {"num_docs": int(several.sum())}


def _matrix(column: Any, rows: int) -> NDArray[np.uint32]:
    """Signatures, shape (documents, rows of each); of no documents, of as many rows as are said.

    Raises:
        PipelineError: They are not of the same length.
    """
    whole = column.combine_chunks()
    if not len(whole):
        return np.empty((0, rows), np.uint32)
    values = whole.flatten().to_numpy(zero_copy_only=False).astype(np.uint32, copy=False)
    if len(values) % len(whole) or len(set(whole.value_lengths().unique().to_pylist())) != 1:
        raise PipelineError("the signatures are not all of the same length; sign all files alike.")
    return values.reshape(len(whole), -1)


def _names(band: int, keys: NDArray[np.uint64]) -> Any:
    """`b<band>_<key>` for each key, with 16 hexadecimal digits."""
    digits = np.frombuffer(keys.astype(">u8").tobytes().hex().encode(), "S16")
    return pa.array(np.char.add(f"b{band}_".encode(), digits)).cast(pa.string())
