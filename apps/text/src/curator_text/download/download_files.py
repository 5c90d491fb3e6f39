"""Download the addresses of a part: pages into a WARC, other files as they are, with a row for what became of each.

data/pages-000000.warc.gz          the pages of a part, in the order of the list
data/000001-0003-name.tar          a file, whole
.cache/partial/                    what has begun to come, also of a run that was killed
"""

import hashlib
import shutil
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.files.fetch import Fetched, FetchRules, Watch, fetch
from curator_engine.files.fetch_file import MARK_ENDING, fetch_to
from curator_engine.files.fetch_many import Fetcher
from curator_engine.files.manifest import note
from curator_engine.files.paths import join, use_options
from curator_engine.files.storage import (
    exists,
    link_or_copy,
    list_names,
    open_atomic,
    open_read,
    remove,
)
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.stages.downloads_table import downloads_that_came
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask, short_hash
from curator_text.download.robots import Robots
from curator_text.download.warc_writer import now, packed_records, warc_record

DOWNLOADS = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("key", "url", "reason", "final_url", "list")),
        pa.field("row", pa.int64()),
        *(pa.field(n, pa.int32()) for n in ("status", "tries")),
        pa.field("num_bytes", pa.int64()),
        *(pa.field(n, pa.string()) for n in ("sha256", "content_type", "path")),
    ]
)
"""A row per address: `reason` says why it is not there, and is empty if it is."""
_HASH_BYTES = 1 << 20


@dataclass(kw_only=True)
class DownloadFiles(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Download what tables of `ListFiles` name; gives a reference to a table of what became of each.

    There is one worker only, with several threads: how often a host is asked is counted in one place.
    """

    output: str
    """Folder of the run; what comes goes into `data/` below it."""
    parts: str
    """Folder for the tables."""
    partial: str
    """Folder for files that have begun to come."""
    threads: int = 16
    """Addresses that are fetched at once."""
    page_rules: FetchRules = field(default_factory=FetchRules)
    """How pages are fetched."""
    file_rules: FetchRules = field(default_factory=FetchRules)
    """How files are fetched."""
    respect_robots: bool = True
    """Whether robots.txt of hosts counts."""
    earlier: str = ""
    """Table of a finished run in `output`: what came there is kept and not fetched again."""
    _fetcher: Fetcher | None = field(default=None, init=False, repr=False)
    _robots: Robots | None = field(default=None, init=False, repr=False)
    writes_to: ClassVar[tuple[str, ...]] = ("output", "parts")

    def num_workers(self) -> int | None:
        """One."""
        return 1

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Begin to remember when each host was asked, and what it allows."""
        self._fetcher = Fetcher(rules=self.page_rules, threads=self.threads)
        self._robots = Robots(fetcher=self._fetcher)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Download the addresses of a table.

        Raises:
            StorageError: A file cannot be written.
        """
        with open_read(task.data[0]) as file:
            table = pq.read_table(file, use_threads=False)
        rows = table.slice(0, task._metadata.get("num_urls")).to_pylist()
        number = int(task._metadata.get("file_index", 0))
        for at, row in enumerate(rows):
            row["key"] = f"{number:06d}-{at:04d}"
        came = self._take_back(rows, number)
        rows = [{**row, **came.get(row["key"], {})} for row in rows]
        self._fetch([row for row in rows if row["key"] not in came])
        self._put(rows, number, came)
        part = join(self.parts, f"{number:06d}.parquet")
        write_table(part, pa.Table.from_pylist(rows, DOWNLOADS))
        self.log_metric("downloaded", sum(not row["reason"] for row in rows))
        return FileGroupTask(data=[part], dataset_name=task.dataset_name, _metadata=task._metadata)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove tables of a killed run that no finished task stands for."""
        for name in list_names(self.parts):
            if join(self.parts, name) not in committed:
                remove(join(self.parts, name))

    def _take_back(self, rows: list[dict[str, Any]], number: int) -> dict[str, dict[str, Any]]:
        """What came in the earlier run and is there still; the records of its pages go into the spool."""
        came = downloads_that_came(self.earlier, number)
        pages = [row for row in rows if row["key"] in came and not row["name"]]
        there = {
            row["key"] for row in rows if row["name"] and self._is_there(came.get(row["key"], {}))
        }
        name = join(self.output, _pages_name(number))
        if pages and exists(name):
            Path(self.partial).mkdir(parents=True, exist_ok=True)
            with suppress(zlib.error, EOFError):
                # A file that was damaged since gives the pages up to there.
                for row, record in zip(pages, packed_records(name), strict=False):
                    note(str(self._spooled(row)))
                    self._spooled(row).write_bytes(record)
                    there.add(row["key"])
        return {key: row for key, row in came.items() if key in there}

    def _is_there(self, came: dict[str, Any]) -> bool:
        path = Path(self.output, came.get("path") or "")
        return path.is_file() and path.stat().st_size == came["num_bytes"]

    def _spooled(self, row: dict[str, Any]) -> Path:
        """Where what an address leads to is kept until its part is done."""
        return Path(self.partial) / short_hash(row["key"], row["url"], str(row["offset"]))

    def _fetch(self, rows: list[dict[str, Any]]) -> None:
        """Fetch what rows name; each row gets what became of it."""
        assert self._fetcher is not None
        assert self._robots is not None
        Path(self.partial).mkdir(parents=True, exist_ok=True)
        if self.respect_robots:
            self._robots.learn(row["url"] for row in rows if not row["problem"])
        waiting: list[dict[str, Any]] = []
        for row in rows:
            refusal = self._robots.refusal(row["url"]) if self.respect_robots else ""
            row |= {"reason": row["problem"] or refusal, "tries": 0}
            waiting += [] if row["reason"] else [row]

        def get(place: int, url: str, watch: Watch) -> Fetched:
            return self._get(waiting[place], url, watch)

        for place, found in self._fetcher.fetch_all([row["url"] for row in waiting], get):
            row = waiting[place]
            row |= {
                "reason": found.reason,
                "status": found.status or None,
                "final_url": found.final_url or None,
                "content_type": _full_type(found) or None,
                "tries": found.tries,
            }
            if not found.reason:
                row |= self._checked(row)

    def _get(self, row: dict[str, Any], url: str, watch: Watch) -> Fetched:
        """Fetch one, into the spool."""
        target = self._spooled(row)
        for path in (target, target.with_name(target.name + MARK_ENDING)):
            note(str(path))
        if url.startswith("s3://"):
            return _from_bucket(url, target)
        if row["name"]:
            return fetch_to(url, target, self.file_rules, watch)
        first, size = row["offset"], row["length"]
        span = {} if size is None else {"Range": f"bytes={first}-{first + size - 1}"}
        found = fetch(url, self.page_rules, watch, headers=span)
        if span and not found.reason and (found.status != 206 or len(found.data) != size):
            return Fetched(url=url, reason="another part than was asked for", status=found.status)
        if not found.reason:
            target.write_bytes(found.data)
        return found

    def _checked(self, row: dict[str, Any]) -> dict[str, Any]:
        """Size and hash of what came, or why it is not what was wanted."""
        path = self._spooled(row)
        about = {"num_bytes": path.stat().st_size, "sha256": _hash(path, "sha256")}
        if row["num_bytes"] not in (None, about["num_bytes"]):
            return about | {"reason": "another size than the list says"}
        name, _, digits = (row["checksum"] or "").partition(":")
        if digits and _hash(path, name) != digits:
            return about | {"reason": f"another {name} than the list says"}
        return about

    def _put(
        self, rows: list[dict[str, Any]], number: int, came: dict[str, dict[str, Any]]
    ) -> None:
        """Give what came its place in data/, and empty the spool; what came before has it."""
        there = [row for row in rows if not row["reason"]]
        name = _pages_name(number)
        pages = [row for row in there if not row["name"]]
        if any(row["key"] not in came for row in pages):
            with open_atomic(join(self.output, name)) as file:
                for record in self._records(pages, came):
                    file.write(record)
        for row in pages:
            row["path"] = name
        for row in there:
            if row["name"] and row["key"] not in came:
                row["path"] = f"data/{row['key']}-{row['name']}"
                link_or_copy(str(self._spooled(row)), join(self.output, row["path"]))
        for row in rows:
            remove(str(self._spooled(row)))

    def _records(
        self, pages: list[dict[str, Any]], came: dict[str, dict[str, Any]]
    ) -> Iterator[bytes]:
        """What came as records; what was a record already stays as it is."""
        date = now()
        for row in pages:
            data = self._spooled(row).read_bytes()
            if row["key"] in came or row["length"] is not None:
                yield data
                continue
            url = row["final_url"] or row["url"]
            yield warc_record(url, data, content_type=row["content_type"] or "", date=date)


def _pages_name(number: int) -> str:
    return f"data/pages-{number:06d}.warc.gz"


def _full_type(found: Fetched) -> str:
    return found.content_type + (f"; charset={found.charset}" if found.charset else "")


def _hash(path: Path, name: str) -> str:
    digest = hashlib.new(name, usedforsecurity=False)
    with path.open("rb") as file:
        while piece := file.read(_HASH_BYTES):
            digest.update(piece)
    return digest.hexdigest()


def _from_bucket(url: str, target: Path) -> Fetched:
    """A file of a bucket whose readers pay."""
    use_options(url, {"requester_pays": True})
    try:
        with open_read(url) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy, _HASH_BYTES)
    except (OSError, ValueError, ImportError) as error:
        text = " ".join(str(error).split()) or type(error).__name__
        return Fetched(url=url, reason=f"the bucket does not give it: {text[:100]}")
    return Fetched(url=url, status=200)
