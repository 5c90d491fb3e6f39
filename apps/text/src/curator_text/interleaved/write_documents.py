"""A file of documents of texts and pictures: a tar in the form of MINT-1T, or Parquet of their rows."""

import io
import json
import tarfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.storage import open_atomic
from curator_text.interleaved.documents import INTERLEAVED_SCHEMA, Document, rows_of, to_lists

ENDINGS = {"parquet": "parquet", "webdataset": "tar", "jsonl": "jsonl"}
type OutputFormat = Literal["parquet", "webdataset", "jsonl"]
_BYTES_AT_A_TIME = 64 << 20
_KINDS = {"image/jpeg": "jpg", "image/png": "png", "image/tiff": "tiff", "image/webp": "webp"}


@dataclass(kw_only=True)
class InterleavedFile:
    """A file of documents, which appears whole at the end, and not at all if there are none.

    JSON lines have the names of pictures, not their bytes.

    Example:
        with InterleavedFile(path="data/a.tar", output_format="webdataset") as file:
            file.add(document)
    """

    path: str
    output_format: OutputFormat
    is_written: bool = field(default=False, init=False)
    _stack: ExitStack = field(default_factory=ExitStack, init=False, repr=False)
    _file: Any = field(default=None, init=False, repr=False)
    _rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]], init=False)
    _size: int = field(default=0, init=False)
    _number: int = field(default=0, init=False)

    def __enter__(self) -> "InterleavedFile":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self._flush()
        self._stack.__exit__(kind, error, trace)

    def add(self, document: Document, source: str = "") -> None:
        """Write a document, which came from a file."""
        if self._file is None:
            self._file = self._opened()
            self.is_written = True
        if self.output_format == "webdataset":
            self._add_to_tar(document)
        elif self.output_format == "jsonl":
            line = json.dumps({"id": document.id, **to_lists(document)}, **_JSON)
            self._file.write(f"{line}\n".encode("utf-8", "replace"))
        else:
            rows = list(rows_of(document, source))
            self._rows += rows
            self._size += sum(len(row.get("binary_content") or b"") + 256 for row in rows)
            if self._size > _BYTES_AT_A_TIME:
                self._flush()

    def _opened(self) -> Any:
        file = self._stack.enter_context(open_atomic(self.path))
        if self.output_format == "webdataset":
            return self._stack.enter_context(tarfile.open(fileobj=file, mode="w|"))
        if self.output_format == "parquet":
            return self._stack.enter_context(
                pq.ParquetWriter(file, INTERLEAVED_SCHEMA, compression="zstd")
            )
        return file

    def _flush(self) -> None:
        if self._rows:
            self._file.write_table(pa.Table.from_pylist(self._rows, INTERLEAVED_SCHEMA))
        self._rows, self._size = [], 0

    def _add_to_tar(self, document: Document) -> None:
        """A sample KEY.json KEY.0.jpg ...; the document's id is in the JSON, as a key has no dots."""
        key = f"{self._number:09d}"
        self._number += 1
        row = to_lists(document)
        files = list[tuple[str, bytes]]()
        known = dict[int, str]()
        for place, part in enumerate(document.parts):
            if part.data is None:
                continue
            if id(part.data) not in known:
                ending = _ending(part.name, part.content_type)
                known[id(part.data)] = f"{key}.{len(files)}.{ending}"
                files.append((known[id(part.data)], part.data))
            row["images"][place] = known[id(part.data)]
        frames = [part.frame for part in document.parts]
        extra: dict[str, Any] = {"id": document.id}
        if any(frame is not None for frame in frames):
            extra["frames"] = frames
        names = [part.name if part.kind == "image" else None for part in document.parts]
        if names != row["images"]:
            extra["image_names"] = names
        self._member(
            f"{key}.json", json.dumps({**row, **extra}, **_JSON).encode("utf-8", "replace")
        )
        for name, data in files:
            self._member(name, data)

    def _member(self, name: str, data: bytes) -> None:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        self._file.addfile(info, io.BytesIO(data))


_JSON: dict[str, Any] = {"ensure_ascii": False, "default": str}


def _ending(name: str, content_type: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return _KINDS.get(content_type) or (ending if ending.isalnum() and len(ending) < 6 else "img")
