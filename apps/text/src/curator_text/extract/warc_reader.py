"""Single records of Common Crawl by their places in its files, by NeMo Curator's name."""

import io
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.files.fetch import FetchRules, Watch, fetch
from curator_engine.files.fetch_many import Fetcher
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_text.download.source_lists import COMMON_CRAWL
from curator_text.read.warc_records import answer_of, records_in
from curator_text.task import DocumentBatch


@positional(
    "warc_filename_col",
    "warc_record_offset_col",
    "warc_record_length_col",
    "binary_content_col",
    "drop_failed",
    "max_workers",
    "timeout",
    "max_retries",
    "use_s3",
    "s3_bucket",
    "s3_key_prefix",
)
@dataclass(kw_only=True)
class CommonCrawlWARCReader(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Fetch the single records that rows of Common Crawl's index name, as a column of bytes.

    Example:
        >>> CommonCrawlWARCReader(max_workers=8, drop_failed=False)
    """

    warc_filename_col: str = "warc_filename"
    """Column with the file."""
    warc_record_offset_col: str = "warc_record_offset"
    """Column with the record's first byte."""
    warc_record_length_col: str = "warc_record_length"
    """Column with its bytes."""
    binary_content_col: str = "binary_content"
    """The column that is added: the body of what the server answered."""
    drop_failed: bool = True
    """Leave rows out whose record cannot be had; else it is null."""
    max_workers: int = 16
    """Records that are fetched at once."""
    timeout: int = 30
    """Seconds to wait for an answer."""
    max_retries: int = 3
    """How often a record is asked for again."""
    use_s3: bool | None = None
    """Accepted, without effect, as are the next two: records come by https from `base_url`."""
    s3_bucket: str | None = None
    s3_key_prefix: str | None = None
    base_url: str = COMMON_CRAWL
    """Where files are."""
    _fetcher: Fetcher | None = field(default=None, init=False, repr=False)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The three columns."""
        names = (self.warc_filename_col, self.warc_record_offset_col, self.warc_record_length_col)
        return ["data"], list(names)

    def outputs(self) -> tuple[list[str], list[str]]:
        """The column of bytes."""
        return ["data"], [self.binary_content_col]

    def process(self, task: DocumentBatch) -> DocumentBatch | None:
        """Fetch the records of a batch."""
        if self._fetcher is None:
            rules = FetchRules(
                timeout_s=float(self.timeout),
                retries=self.max_retries,
                per_host=100.0,
                respect_opt_out=False,
                allow_private=self.base_url != COMMON_CRAWL,
            )
            self._fetcher = Fetcher(rules=rules, threads=self.max_workers)
        fetcher, table = self._fetcher, task.data
        spans = list(
            zip(*(table.column(name).to_pylist() for name in self.inputs()[1]), strict=True)
        )

        def get(place: int, url: str, watch: Watch) -> Any:
            _, first, size = spans[place]
            headers = {"Range": f"bytes={first}-{int(first) + int(size) - 1}"}
            return fetch(url, fetcher.rules, watch, headers=headers)

        found: list[bytes | None] = [None] * len(spans)
        urls = [f"{self.base_url}/{name}" for name, *_ in spans]
        for place, each in fetcher.fetch_all(urls, get):
            if not each.reason and each.status == 206:
                found[place] = _body_of(each.data)
        table = table.append_column(self.binary_content_col, pa.array(found, pa.binary()))
        if self.drop_failed:
            self.count_drops({"no such record": found.count(None)} if None in found else {})
            table = table.filter(pa.array([each is not None for each in found], pa.bool_()))
        if not table.num_rows:
            return None
        facts = dict(task._metadata)
        return DocumentBatch(data=table, dataset_name=task.dataset_name, _metadata=facts)


def _body_of(data: bytes) -> bytes | None:
    """What the server answered, out of a record; None if that is none."""
    try:
        record = next(records_in(io.BytesIO(data), "the record"), None)
    except (ValueError, OSError, EOFError):
        return None
    return answer_of(record.data).body if record and record.data is not None else None
