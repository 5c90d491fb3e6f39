"""NeMo Curator's stage that removes documents whose ids are on a list, for pipelines of one's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.files.paths import use_options
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import Filter
from curator_engine.stages.given_options import READ_PARQUET, STORAGE, options_in
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR
from curator_engine.task import TableTask
from curator_text.read.columns import as_ids
from curator_text.removal.listed_ids import ListedIds, read_listed_ids


@positional("ids_to_remove_path", "id_field", "duplicate_id_field", "read_kwargs", "drop_id_field")
@dataclass(kw_only=True)
class TextDuplicatesRemovalStage(Filter[TableTask]):
    """Drop the documents whose id is on a list; each worker holds the list, 16 bytes per id.

    Example:
        >>> TextDuplicatesRemovalStage(
        ...     "ids/FuzzyDuplicateIds", duplicate_id_field="_curator_dedup_id"
        ... )
    """

    ids_to_remove_path: str
    """Parquet or JSON lines with the ids: a file, a folder, a glob or a URL."""
    id_field: str = CURATOR_DEDUP_ID_STR
    """Column with the documents' ids."""
    duplicate_id_field: str = "id"
    """Column with the ids on the list."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the list, which may hold secrets; the rest is for pandas and refused."""
    drop_id_field: bool = False
    """Leave the column with the ids out of what stays."""
    _listed: ListedIds | None = field(default=None, init=False, repr=False)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The ids."""
        return ["data"], [self.id_field]

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Read the list.

        Raises:
            InputError: It is missing, or has no such column.
        """
        options = options_in("read_kwargs", self.read_kwargs, known=READ_PARQUET, used=())
        use_options(self.ids_to_remove_path, options.get(STORAGE))
        self._listed = read_listed_ids([self.ids_to_remove_path], self.duplicate_id_field)

    def drop_batch(self, data: pa.Table) -> Sequence[str | None]:
        """Whether each id is on the list; a document without an id stays."""
        if self._listed is None:
            self.setup()
        ids: Any = as_ids(data.column(self.id_field))
        found = np.zeros(len(ids), np.bool_)
        there = np.flatnonzero(ids.is_valid().to_numpy(zero_copy_only=False))
        if self._listed is not None:
            found[there] = self._listed.find(ids.drop_null()) >= 0
        return ["duplicate" if each else None for each in found]

    def process(self, task: TableTask) -> TableTask | None:
        """The documents that stay."""
        kept = super().process(task)
        if kept is not None and self.drop_id_field:
            kept.data = kept.data.drop_columns([self.id_field])
        return kept
