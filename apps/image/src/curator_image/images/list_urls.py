"""Cut lists of addresses into parts that are downloaded each by itself."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import batched
from typing import ClassVar

import pyarrow as pa

from curator_engine.errors import UnreadableFileError
from curator_engine.files.paths import join
from curator_engine.files.storage import remove_others
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.small_files import name_of
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_image.read.url_lists import UrlRow, url_rows

URLS = pa.schema(
    [
        *(pa.field(name, pa.string()) for name in ("list", "url", "caption", "fields", "problem")),
        pa.field("row", pa.int64()),
    ]
)
"""A row per address: the list that it is from, its row there from 0, and what the row says."""


@dataclass(kw_only=True)
class ListUrls(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write the addresses of a list into tables of so many each; gives a reference to each table."""

    parts: str
    """Folder for the tables."""
    per_part: int = 1000
    """Addresses in one, at most."""
    url_field: str = ""
    """The field with the address; a usual name unless given."""
    caption_field: str = ""
    """That with the caption."""
    fan_out: ClassVar[bool] = True
    writes_to: ClassVar[tuple[str, ...]] = ("parts",)

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """The parts of a list.

        Raises:
            StorageError: A table cannot be written.
        """
        index = int(task._metadata.get("file_index", 0))
        count = 0
        for number, rows in enumerate(batched(self._rows(task), self.per_part)):
            part = join(self.parts, f"{index:06d}-{number:06d}.parquet")
            name = name_of(task)
            table = [
                {
                    "list": name,
                    "row": row.number,
                    "url": row.url,
                    "caption": row.caption,
                    "fields": json.dumps(row.fields, ensure_ascii=False, default=str),
                    "problem": row.problem,
                }
                for row in rows
            ]
            write_table(part, pa.Table.from_pylist(table, URLS))
            count += len(rows)
            yield FileGroupTask(
                data=[part], dataset_name=task.dataset_name, _metadata={"num_urls": len(rows)}
            )
        self.count_rows(count)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for."""
        remove_others(self.parts, committed)

    def _rows(self, task: FileGroupTask) -> Iterator[UrlRow]:
        try:
            yield from url_rows(
                task.data[0], url_field=self.url_field, caption_field=self.caption_field
            )
        except UnreadableFileError as error:
            self.reject(Rejection(file=task.data[0], reason=str(error), rest=True))
