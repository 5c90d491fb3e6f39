"""Web pages out of WARC files, as Common Crawl publishes them: NeMo Curator's iterator, what servers answered."""

import logging
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from curator_engine.files.paths import use_options
from curator_text.download.records import DocumentIterator, Record
from curator_text.read.warc_records import answer_of, warc_records

_log = logging.getLogger(__name__)


class CommonCrawlWarcIterator(DocumentIterator):
    """Read the answers in a WARC file, also packed: `url`, `warc_id`, `source_id` and `content`, the body's bytes.

    Args:
        storage_options: Of the file system of URLs.

    Example:
        >>> next(CommonCrawlWarcIterator().iterate("CC-MAIN-0.warc.gz"))["url"]
    """

    def __init__(self, storage_options: dict[str, Any] | None = None) -> None:
        self._storage_options = storage_options or {}

    def iterate(self, file_path: str) -> Iterator[Record]:
        """The answers of servers, one at a time.

        Raises:
            ValueError: The file is no WARC file, or ends within a record.
        """
        path = str(file_path)
        use_options(path, self._storage_options)
        for record in warc_records(path):
            if record.kind != "response":
                continue
            if record.data is None:
                size = record.headers["content-length"]
                _log.warning("%s: a record of %s bytes is passed over.", path, size)
                continue
            yield {
                "url": record.url,
                "warc_id": record.id,
                "source_id": PurePosixPath(path).name,
                "content": answer_of(record.data).body,
            }

    def output_columns(self) -> list[str]:
        """The names in a record."""
        return ["url", "warc_id", "source_id", "content"]
