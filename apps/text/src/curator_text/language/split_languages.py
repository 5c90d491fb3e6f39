"""Write `data/` by language: what `rewrite_documents.py` writes of a file, cut into `language=deu/<name>` and so on."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator_engine.files.blocks import iter_blocks, open_compressed
from curator_engine.files.paths import join
from curator_engine.files.storage import open_atomic, open_read, remove
from curator_engine.stages.files import format_of
from curator_engine.stages.jsonl import read_block
from curator_engine.task import FileGroupTask
from curator_text.language.codes import UNDETERMINED
from curator_text.removal.rewrite_documents import RewriteDocuments

_compute: Any = pc
_BATCH_ROWS = 1 << 14
_MAX_ROW = 1 << 40
"""What was written by ourselves is read whatever its length."""


@dataclass(kw_only=True)
class SplitLanguages(RewriteDocuments):
    """Write `data/<field>=<language>/<name>` for each language of an input file; a row without text is of und."""

    language_field: str

    def _write(self, file: FileGroupTask) -> list[str]:
        name = file._metadata["name"]
        outs: list[str] = []
        for whole in super()._write(file):
            split = self._split_rows if format_of(file.data[0]) == "parquet" else self._split_lines
            outs += split(whole, name)
            if whole not in outs:
                remove(whole)
        return outs

    def _path(self, language: str, name: str) -> str:
        return join(
            self.output, "data", f"{self.language_field}={language}", str(PurePosixPath(name))
        )

    def _split_lines(self, whole: str, name: str) -> list[str]:
        files = dict[str, Any]()
        with ExitStack() as stack:
            for _, data in iter_blocks(whole, max_row=_MAX_ROW):
                block = read_block(data, {self.language_field: pa.string()})
                languages = _languages(block.table, self.language_field)
                starts, lengths = block.starts.tolist(), block.lengths.tolist()
                view = memoryview(data)
                for language, start, length in zip(languages, starts, lengths, strict=True):
                    path = self._path(language, name)
                    if path not in files:
                        files[path] = stack.enter_context(open_compressed(path))
                    files[path].write(view[start : start + length])
                    if data[start + length - 1] != ord("\n"):
                        files[path].write(b"\n")
        return list(files)

    def _split_rows(self, whole: str, name: str) -> list[str]:
        writers = dict[str, Any]()
        with ExitStack() as stack:
            raw = stack.enter_context(open_read(whole))
            source = pq.ParquetFile(raw)
            for batch in source.iter_batches(_BATCH_ROWS, use_threads=False):
                table = pa.Table.from_batches([batch])
                languages = np.array(_languages(table, self.language_field), dtype=object)
                for language in dict.fromkeys(languages.tolist()):
                    path = self._path(language, name)
                    if path not in writers:
                        out = stack.enter_context(open_atomic(path))
                        made = pq.ParquetWriter(out, source.schema_arrow, compression="zstd")
                        writers[path] = stack.enter_context(made)
                    writers[path].write_table(table.filter(pa.array(languages == language)))
        return list(writers)


def _languages(table: pa.Table, field: str) -> Iterable[str]:
    if field not in table.column_names:
        return [UNDETERMINED] * table.num_rows
    return _compute.fill_null(table.column(field), UNDETERMINED).to_pylist()
