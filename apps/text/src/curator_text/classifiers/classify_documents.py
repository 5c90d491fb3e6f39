"""Read documents and ask a classifier: the first step of `classify`.

Writes three files per block: `<task id>.arrow` with a row per document (`id`, which is null where the document has
none; `position`, `length` and `line`; the answers), `<task id>.changes.arrow` with the fields that rows get, and
`<task id>.npz` with `position` by document and `bad`, which removal needs.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.device import Device, has_gpu
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.task import ArrowArray
from curator_text.classifiers.choose_judge import make_judge
from curator_text.classifiers.judges import Judge
from curator_text.read.blocks_of_text import DocumentBlock
from curator_text.read.columns import utf8
from curator_text.removal.array_files import save_table
from curator_text.removal.block_stage import BlockStage, rows_of, save_places
from curator_text.removal.rewrite_documents import CHANGES_ENDING, save_changes


@dataclass(kw_only=True)
class ClassifyDocuments(BlockStage):
    """Classify the documents of a file or span, block by block."""

    classifier: str | None = None
    """Name of a classifier."""
    model: str | None = None
    """Its model, or any other."""
    prompt_file: str | None = None
    """What Aegis asks, if not our words."""
    model_key: str = ""
    """Changes with the model."""
    model_batch_size: int = 64
    """Texts that a network computes at a time."""
    device: Device = "auto"
    """Where a network computes."""
    _judge: Judge | None = field(default=None, init=False, repr=False)
    with_ids = True

    def __post_init__(self) -> None:
        on_gpu = self.device == "gpu" or (self.device == "auto" and has_gpu())
        if on_gpu and self._judged_by().is_heavy:
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def num_workers(self) -> int | None:
        """One where a network computes on the CPU: it takes all of them by itself."""
        is_heavy = self._judged_by().is_heavy
        return 1 if is_heavy and not self.resources.requires_gpu else None

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Open the classifier."""
        self._judge = self._opened()

    def teardown(self) -> None:
        """Let it go."""
        self._judge = None

    def _judged_by(self) -> Judge:
        return make_judge(self.classifier, self.model, self.prompt_file)

    def _opened(self) -> Judge:
        judge = self._judged_by()
        judge.open(self.device)
        return judge

    def answers(self, texts: ArrowArray) -> pa.Table:
        """What the classifier says of texts."""
        judge = self._judge = self._judge or self._opened()
        found, cut = judge.judge(texts, batch_size=self.model_batch_size)
        self.log_metric("texts_cut", float(cut))
        fields = judge.fields
        return pa.table({name: found[name] for name in fields}, pa.schema(fields))

    def write(self, stem: str, block: DocumentBlock) -> None:
        """Write the answers of a block."""
        count, table = len(block.position), self.answers(block.values)
        columns: dict[str, Any] = {
            **rows_of(block),
            "text_bytes": np.diff(utf8(block.values)[1]),
            **{name: table.column(name) for name in table.column_names},
        }
        save_table(f"{stem}.arrow", pa.table(columns))
        arrays: Any = {name: table.column(name).combine_chunks() for name in table.column_names}
        save_changes(f"{stem}{CHANGES_ENDING}", np.arange(count), arrays)
        save_places(stem, block)
