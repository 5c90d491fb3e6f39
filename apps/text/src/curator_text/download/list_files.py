"""Cut what is to be downloaded into parts, each of which is downloaded by itself."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pyarrow as pa

from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.files.fetch import FetchRules, fetch
from curator_engine.files.paths import join, use_options
from curator_engine.files.storage import list_names, read_bytes, remove
from curator_engine.files.url_lists import rows_of_list
from curator_engine.stage import ProcessingStage, Rejection
from curator_engine.stages.table_files import write_table
from curator_engine.task import FileGroupTask
from curator_text.download import source_lists
from curator_text.download.source_lists import SourceFile

PARTS = pa.schema(
    [
        *(pa.field(n, pa.string()) for n in ("url", "name", "checksum", "problem", "list")),
        *(pa.field(n, pa.int64()) for n in ("row", "offset", "length", "num_bytes")),
    ]
)
"""A row per address: with a `name` it becomes a file, else a record of a WARC; the list that it is from, its row there."""
URL_FIELDS = ("url", "URL", "link", "uri")
_INDEX_FIELDS = (
    ("filename", "warc_filename"),
    ("offset", "warc_record_offset"),
    ("length", "warc_record_length"),
)
_ARCHIVE = re.compile(
    r"\.(warc|wet|wat|tar|tgz|zip|7z|gz|bz2|xz|zst|parquet|jsonl|csv|arrow|pdf|epub|mp4|bin|iso)$",
    re.IGNORECASE,
)
"""Endings of what is no page: it is kept as a file."""
_FILES_PER_PART = 16
_CHECKSUMS = {"sha256": 64, "sha1": 40, "md5": 32}
"""Fields by which what comes is checked, and how many hexadecimal digits they have."""


@dataclass(kw_only=True)
class ListFiles(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write what a source offers, or lists of addresses name, into tables; gives a reference to each."""

    parts: str
    """Folder for the tables."""
    per_part: int = 1000
    """Pages in one, at most."""
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of the source: base, snapshot, kind, index, month, language, date, url_field."""
    rules: FetchRules = field(default_factory=FetchRules)
    """How lists are fetched."""
    limit: int | None = None
    """Only the first addresses of each list."""
    fan_out: ClassVar[bool] = True
    writes_to: ClassVar[tuple[str, ...]] = ("parts",)

    def process(self, task: FileGroupTask) -> Iterator[FileGroupTask]:
        """The parts of a source or list.

        Raises:
            InputError: The source has no such files, or does not answer.
        """
        index = int(task._metadata.get("file_index", 0))
        rows = islice(self._rows(task.data[0]), self.limit)
        for number, part in enumerate(_parts(rows, self.per_part)):
            path = join(self.parts, f"{index:06d}-{number:06d}.parquet")
            write_table(path, pa.Table.from_pylist(part, PARTS))
            self.count_rows(len(part))
            yield FileGroupTask(
                data=[path], dataset_name=task.dataset_name, _metadata={"num_urls": len(part)}
            )

    def resume(self, committed: frozenset[str]) -> None:
        """Remove parts of a killed run that no finished task stands for."""
        for name in list_names(self.parts):
            if join(self.parts, name) not in committed:
                remove(join(self.parts, name))

    def _rows(self, source: str) -> Iterator[dict[str, Any]]:
        files = self._files(source)
        if files is not None:
            for row, each in enumerate(files):
                yield {
                    "url": each.url,
                    "name": each.url.rpartition("/")[2],
                    "checksum": each.checksum,
                    "num_bytes": each.num_bytes,
                    "list": source,
                    "row": row,
                }
        elif source == "cc":
            yield from self._of_index(self.options["index"])
        else:
            yield from self._of_list(source)

    def _files(self, source: str) -> Iterable[SourceFile] | None:
        """The whole files of a source; None if it is no source of such."""
        base, options = self.options.get("base", ""), self.options
        if source == "cc" and not options.get("index"):
            return [
                file
                for each in options["snapshot"]
                for file in source_lists.crawl_files(
                    self._get,
                    base=base or source_lists.COMMON_CRAWL,
                    snapshot=each,
                    kind=options["kind"],
                )
            ]
        if source == "news":
            return [
                file
                for each in options["month"]
                for file in source_lists.news_files(
                    self._get, base=base or source_lists.COMMON_CRAWL, month=each
                )
            ]
        if source == "wikipedia":
            return source_lists.dump_files(
                self._get,
                base=base or source_lists.WIKIPEDIA,
                language=options["language"],
                date=options["date"],
            )
        if source == "arxiv":
            return source_lists.paper_files(self._get, base=base or source_lists.ARXIV)
        return None

    def _get(self, url: str) -> bytes:
        if url.startswith("s3://"):
            use_options(url, {"requester_pays": True})
            return read_bytes(url)
        found = fetch(url, self.rules)
        if found.reason:
            raise InputError(
                f"{url} cannot be had: {found.reason}; check the address and the options."
            )
        return found.data

    def _of_index(self, path: str) -> Iterator[dict[str, Any]]:
        """Records that rows of Common Crawl's index name."""
        base = self.options.get("base") or source_lists.COMMON_CRAWL
        for number, row in enumerate(rows_of_list(path)):
            if row == {}:
                continue
            values = [_first(row or {}, names) for names in _INDEX_FIELDS]
            is_whole = values[0] and all(str(each).isdecimal() for each in values[1:])
            yield {
                "url": f"{base}/{values[0]}",
                "offset": int(values[1]) if is_whole else None,
                "length": int(values[2]) if is_whole else None,
                "problem": "" if is_whole else "no filename, offset and length",
                "list": path,
                "row": number,
            }

    def _of_list(self, path: str) -> Iterator[dict[str, Any]]:
        named = self.options.get("url_field")
        fields = (named,) if named else URL_FIELDS
        try:
            for number, row in enumerate(rows_of_list(path)):
                if row != {}:
                    yield {**_address(row, fields), "list": path, "row": number}
        except UnreadableFileError as error:
            self.reject(Rejection(file=path, reason=str(error), rest=True))


def _address(row: dict[str, Any] | None, fields: tuple[str, ...]) -> dict[str, Any]:
    if row is None:
        return {"url": "", "problem": "its line is no JSON object"}
    url = str(_first(row, fields) or "").strip()
    given = {name: str(row.get(name) or "").lower() for name in _CHECKSUMS}
    known = [
        f"{name}:{text}"
        for name, text in given.items()
        if re.fullmatch(f"[0-9a-f]{{{_CHECKSUMS[name]}}}", text)
    ]
    return {
        "url": url,
        "name": _file_name(url),
        "checksum": known[0] if known else "",
        "problem": "" if url else f"no address in {', '.join(fields)}",
    }


def _first(row: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def _file_name(url: str) -> str:
    """The name of what an address leads to, if it is kept as a file; empty for a page."""
    try:
        name = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".")[-120:]
    return safe if _ARCHIVE.search(safe) else ""


def _parts(rows: Iterator[dict[str, Any]], per_part: int) -> Iterator[list[dict[str, Any]]]:
    """Rows in parts: files and pages apart."""
    pages, files = list[dict[str, Any]](), list[dict[str, Any]]()
    for row in rows:
        kind, most = (files, _FILES_PER_PART) if row.get("name") else (pages, per_part)
        kind.append(row)
        if len(kind) == most:
            yield list(kind)
            kind.clear()
    yield from (each for each in (pages, files) if each)
