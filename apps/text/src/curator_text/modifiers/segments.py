"""Stages that split documents into segments, join segments to documents, and number documents."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import ArrowArray
from curator_text.task import DocumentBatch


@positional("separator", "text_field", "segment_id_field", "name")
@dataclass
class DocumentSplitter(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Split each document at a separator; a row per segment, with its number from 0.

    Example:
        DocumentSplitter(separator=" | ")
    """

    separator: str
    """What lies between segments."""
    text_field: str = "text"
    """The column with the text."""
    segment_id_field: str = field(default="segment_id", kw_only=True)
    """The column for the number of a segment in its document."""

    def __post_init__(self) -> None:
        if not self.separator:
            raise SettingsError("the separator is empty; give what lies between segments.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The texts of segments, and their numbers."""
        return ["data"], [self.text_field, self.segment_id_field]

    def process(self, task: DocumentBatch) -> DocumentBatch:
        """A row per segment, in order; the other columns are those of its document."""
        column = task.data.column(self.text_field)
        texts: list[str | None] = column.to_pylist()
        parts: list[list[str | None]] = [
            [None] if text is None else [*text.split(self.separator)] for text in texts
        ]
        owners = np.repeat(np.arange(len(parts)), [len(each) for each in parts])
        numbers = [number for each in parts for number in range(len(each))]
        table = task.data.take(pa.array(owners, pa.int64()))
        segments: Any = pa.array([part for each in parts for part in each], column.type)
        table = _with_column(table, self.text_field, segments)
        task.data = _with_column(table, self.segment_id_field, pa.array(numbers, pa.int64()))
        return task


@positional(
    "separator",
    "text_field",
    "segment_id_field",
    "document_id_field",
    "drop_segment_id_field",
    "max_length",
    "length_field",
    "name",
)
@dataclass
class DocumentJoiner(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Join the segments of each document, in the order of their numbers; those of one batch.

    The other columns are those of the first segment that is joined.

    Example:
        DocumentJoiner(max_length=4096, length_field="length")
    """

    separator: str = "\n\n"
    """What is put between segments."""
    text_field: str = "text"
    """The column with the text."""
    segment_id_field: str = field(default="segment_id", kw_only=True)
    """The column with the number of a segment in its document."""
    document_id_field: str = field(default="id", kw_only=True)
    """The column with the document's id."""
    drop_segment_id_field: bool = field(default=True, kw_only=True)
    """Whether the numbers go; else what is joined is numbered from 0 anew."""
    max_length: int | None = field(default=None, kw_only=True)
    """A document becomes several rather than longer than this; a longer segment stands alone."""
    length_field: str | None = field(default=None, kw_only=True)
    """The column with the length of each segment; with `max_length`."""

    def __post_init__(self) -> None:
        if (self.max_length is None) != (self.length_field is None):
            raise SettingsError("max_length and length_field go together; give both or none.")

    def inputs(self) -> tuple[list[str], list[str]]:
        """Texts, documents, numbers and lengths."""
        more = [self.length_field] if self.length_field else []
        return ["data"], [self.text_field, self.document_id_field, self.segment_id_field, *more]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The texts of documents."""
        numbers = [] if self.drop_segment_id_field else [self.segment_id_field]
        return ["data"], [self.text_field, self.document_id_field, *numbers]

    def process(self, task: DocumentBatch) -> DocumentBatch:
        """A row per document, in the order in which they begin."""
        table = task.data
        texts: list[Any] = table.column(self.text_field).to_pylist()
        firsts, joined, numbers, lengths = [], [], [], []
        for rows in self._documents(table):
            for number, (group, length) in enumerate(self._groups(table, rows)):
                firsts.append(group[0])
                kept = [texts[i] for i in group if texts[i] is not None]
                joined.append(self.separator.join(kept) if kept else None)
                numbers.append(number)
                lengths.append(length)
        kind: Any = table.column(self.text_field).type
        out = table.take(pa.array(firsts, pa.int64()))
        out = _with_column(out, self.text_field, pa.array(joined, kind))
        if self.length_field:
            out = _with_column(out, self.length_field, pa.array(lengths))
        if self.drop_segment_id_field:
            out = out.drop_columns([self.segment_id_field])
        else:
            out = _with_column(out, self.segment_id_field, pa.array(numbers, pa.int64()))
        task.data = out
        return task

    def _documents(self, table: pa.Table) -> Iterator[list[int]]:
        """The rows of each document, by the numbers of its segments."""
        rows: dict[Any, list[int]] = {}
        for i, name in enumerate(table.column(self.document_id_field).to_pylist()):
            rows.setdefault(name, []).append(i)
        order: list[Any] = table.column(self.segment_id_field).to_pylist()
        for mine in rows.values():
            yield sorted(mine, key=lambda i: order[i])

    def _groups(self, table: pa.Table, rows: list[int]) -> Iterator[tuple[list[int], int]]:
        """The segments that are joined, and their length with what is put between them."""
        if self.max_length is None or self.length_field is None:
            yield rows, 0
            return
        lengths: list[Any] = table.column(self.length_field).to_pylist()
        group, total = [rows[0]], lengths[rows[0]]
        for i in rows[1:]:
            longer = total + len(self.separator) + lengths[i]
            if longer > self.max_length:
                yield group, total
                group, total = [i], lengths[i]
            else:
                group.append(i)
                total = longer
        yield group, total


@positional("id_field", "id_prefix", "overwrite", "name")
@dataclass
class AddId(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Give each document an id: the task's and its number in the task, the same whenever it runs.

    Example:
        AddId("id", id_prefix="web")
    """

    id_field: str
    """The column for it."""
    id_prefix: str | None = None
    """What ids begin with."""
    overwrite: bool = field(default=False, kw_only=True)
    """Whether a column of that name is replaced; else it is refused."""

    def outputs(self) -> tuple[list[str], list[str]]:
        """The ids."""
        return ["data"], [self.id_field]

    def process(self, task: DocumentBatch) -> DocumentBatch:
        """Add the column.

        Raises:
            SettingsError: It is there.
        """
        if self.id_field in task.data.column_names and not self.overwrite:
            raise SettingsError(
                f"column {self.id_field!r} is there already; give another id_field, or overwrite=True."
            )
        start = f"{self.id_prefix}_{task.task_id}" if self.id_prefix else task.task_id
        ids = pa.array([f"{start}_{i}" for i in range(task.num_items)], pa.string())
        task.data = _with_column(task.data, self.id_field, ids)
        return task


def _with_column(table: pa.Table, name: str, values: ArrowArray) -> pa.Table:
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, values)
    return table.append_column(name, values)
