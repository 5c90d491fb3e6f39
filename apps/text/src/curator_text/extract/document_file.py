"""A file of documents that were made of pages: JSON lines or Parquet."""

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.storage import open_atomic

DOCUMENTS = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("id", "text", "url", "title", "date", "language")),
        pa.field("links", pa.list_(pa.string())),
        *(pa.field(n, pa.string()) for n in ("crawled", "kind", "encoding", "file")),
        pa.field("record", pa.int64()),
        pa.field("formulas", pa.int64()),
    ]
)
"""A row per document."""
FIELDS = "fields"
"""In Parquet, the column with the other fields of a row, as JSON."""
_ROWS_AT_A_TIME, _BYTES_AT_A_TIME = 10_000, 32 << 20


@dataclass(kw_only=True)
class DocumentFile:
    """A file of documents, which appears whole at the end, and not at all if there are none.

    Example:
        with DocumentFile(path="data/a.jsonl", output_format="jsonl") as file:
            file.add({"id": "1", "text": "A text."}, {})
    """

    path: str
    output_format: Literal["jsonl", "parquet"]
    has_fields: bool = False
    """Whether documents come from rows, whose other fields are written too."""
    is_written: bool = field(default=False, init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)
    _waiting: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]], init=False)
    _size: int = field(default=0, init=False)
    _file: Any = field(default=None, init=False, repr=False)
    _names: list[str] = field(default_factory=list[str], init=False)

    def __enter__(self) -> "DocumentFile":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self._flush()
        self._stack.__exit__(kind, error, trace)

    def add(self, document: dict[str, Any], fields: dict[str, Any]) -> None:
        """Write a document, with the other fields of its row."""
        if self.output_format == "jsonl":
            document = {**fields, **document}
        elif self.has_fields:
            document[FIELDS] = json.dumps(fields, ensure_ascii=False, default=str)
        self._waiting.append(document)
        self._size += len(document["text"])
        if len(self._waiting) == _ROWS_AT_A_TIME or self._size > _BYTES_AT_A_TIME:
            self._flush()

    def _flush(self) -> None:
        if not self._waiting:
            return
        if self._file is None:
            self._file = self._stack.enter_context(open_atomic(self.path))
            self.is_written = True
            if self.output_format == "parquet":
                self._file = self._stack.enter_context(
                    pq.ParquetWriter(self._file, self._schema(), compression="zstd")
                )
        if self.output_format == "parquet":
            self._file.write_table(pa.Table.from_pylist(self._waiting, self._schema()))
        else:
            lines = (
                json.dumps(each, ensure_ascii=False, default=_as_text) for each in self._waiting
            )
            self._file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
        self._waiting, self._size = [], 0

    def _schema(self) -> pa.Schema:
        known = (
            [each for each in DOCUMENTS if each.name in self._waiting[0]]
            if not self._names
            else None
        )
        if known is not None:
            self._names = [each.name for each in known]
        found = [DOCUMENTS.field(name) for name in self._names]
        return pa.schema([*found, *([pa.field(FIELDS, pa.string())] if self.has_fields else [])])


def _as_text(value: Any) -> str:
    """A value that JSON has no form for."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
