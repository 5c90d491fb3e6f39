"""Read documents and edit their texts: the first step of jobs that change texts.

Writes three files per block: the new texts, as `removal/rewrite_documents.py` reads them; `<task id>.arrow` with a
row per document that changes or goes; `<task id>.npz` with `position` and `bad`, which removal needs.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.resources import WorkerMetadata
from curator_text.editing.edits import Editor, chars
from curator_text.read.blocks_of_text import DocumentBlock, DocumentReader
from curator_text.removal.array_files import save_arrays, save_table
from curator_text.removal.block_stage import BlockStage
from curator_text.removal.rewrite_documents import CHANGES_ENDING, save_changes

FACTS = {"rule": pa.string(), "reason": pa.string(), "before": pa.int64(), "after": pa.int64()}
"""Of a document that changes or goes: the rule by which it goes, why, and its characters."""


@dataclass(kw_only=True)
class EditDocuments(BlockStage):
    """Edit the documents of a file or span, block by block."""

    editor: Editor
    editor_key: str
    """Changes with whatever the edits may depend on."""
    with_ids = True

    @property
    def reader(self) -> DocumentReader:
        """As for all blocks; only of texts that can be written back."""
        return replace(super().reader, derives=False)

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load what the editor needs."""
        super().setup(worker_metadata)
        self.editor.prepare()

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write the edits of a block."""
        edits = self.editor.edit(block.values)
        going = np.array(sorted(edits.goes), np.int64)
        stays = ~np.isin(edits.changed, going)
        kept = pa.array(np.flatnonzero(stays), pa.int64())
        fields = {self.text_field: edits.texts.take(kept)}
        save_changes(f"{stem}{CHANGES_ENDING}", edits.changed[stays], fields)
        rows = np.union1d(edits.changed, going)
        before = chars(block.values.take(pa.array(rows, pa.int64())))
        after = before.copy()
        after[np.searchsorted(rows, edits.changed)] = chars(edits.texts)
        reasons = [edits.goes.get(row, (None, None)) for row in rows.tolist()]
        count, none = len(rows), np.zeros(len(block.position), np.int64)
        ids: Any = pa.nulls(count, pa.string())
        if block.ids is not None:
            ids = self.editor.shown_ids(block.ids.take(pa.array(rows, pa.int64())))
        columns: dict[str, Any] = {
            "id": ids,
            "position": block.position[rows],
            "length": block.length[rows],
            "line": block.line[rows],
            "number": rows,
            "rule": pa.array([rule for rule, _ in reasons], pa.string()),
            "reason": pa.array([reason for _, reason in reasons], pa.string()),
            "before": before,
            "after": after,
            **{f"n.{name}": edits.counts.get(name, none)[rows] for name in self.editor.names},
        }
        save_table(f"{stem}.arrow", pa.table(columns))
        save_arrays(f"{stem}.npz", {"position": block.position, "bad": block.bad})
