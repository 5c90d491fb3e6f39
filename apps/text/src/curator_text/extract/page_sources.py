"""Pages out of files: WARC, pages as files, papers, dumps of Wikipedia, rows with HTML. Nothing is written to disk."""

import gzip
import io
import json
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from curator_engine.files.storage import open_read
from curator_engine.stage import AnyStage
from curator_engine.stages.files import format_of
from curator_engine.task import LINE_COLUMN, FileGroupTask
from curator_text.extract.page_facts import day_of
from curator_text.extract.page_texts import Page
from curator_text.extract.wiki_dump import wiki_articles
from curator_text.read.documents import lines_reader, rows_reader
from curator_text.read.warc_records import MAX_RECORD_BYTES, WarcRecord, answer_of, warc_records

WARC_ENDINGS = (".warc", ".warc.gz", ".wet", ".wet.gz")
PAGE_ENDINGS = tuple(e + c for e in (".html", ".htm", ".xhtml") for c in ("", ".gz"))
PDF_ENDINGS = (".pdf",)
TEX_ENDINGS = (".tex",)
TAR_ENDINGS = (".tar", ".tar.gz", ".tgz")
DUMP_ENDINGS = (".xml", ".xml.bz2", ".xml.gz")
ENDINGS = (*WARC_ENDINGS, *PAGE_ENDINGS, *PDF_ENDINGS, *TEX_ENDINGS, *TAR_ENDINGS, *DUMP_ENDINGS)
"""Of files that hold pages, without those of rows."""
SMALL_ENDINGS = (*PAGE_ENDINGS, *PDF_ENDINGS, *TEX_ENDINGS)
"""Of files that are one page each."""
MOST_PAGE_BYTES = MAX_RECORD_BYTES
_TOO_LARGE = f"larger than {MOST_PAGE_BYTES >> 20} MiB"
_MOST_MEMBERS = 5000
"""Of a paper's sources."""
_LEAST_BOMB_BYTES, _MOST_RATIO = 1 << 30, 100
"""A tar may unpack to so many bytes, or so many times its size, whichever is more."""
_URLS = ("url", "URL", "uri", "source_url", "link")
_KINDS = {"pdf": PDF_ENDINGS, "tex": (*TEX_ENDINGS, ".gz", ".tgz", ".tar"), "html": PAGE_ENDINGS}


@dataclass(frozen=True, kw_only=True)
class FoundPage:
    """A page in a file, before anything is made of it."""

    id: str
    record: int
    """Which one of its file it is, from 0."""
    page: Page
    reason: str = ""
    """Why it is not even tried; empty if it is."""
    crawled: str = ""
    """When it was fetched, as the file says."""
    date: str = ""
    fields: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Other fields of its row."""


@dataclass(frozen=True, kw_only=True)
class RowFields:
    """Which fields of rows mean what."""

    html: str
    """The field with the page, as text or bytes."""
    id: str | None = None
    url: str | None = None
    """The first of url, URL, uri, source_url, link unless given."""


def pages_of(
    path: str, name: str, *, rows: RowFields | None = None, stage: AnyStage | None = None
) -> Iterator[FoundPage]:
    """The pages of a file, in order.

    Args:
        path: The file.
        name: What it is called in ids.
        rows: Where rows have their pages; the file is JSON lines or Parquet then.
        stage: Gets what its reader rejects of rows.

    Raises:
        ValueError: It is not what its name says, or is damaged.
        OSError: It cannot be read.
        EOFError: It is cut off.
    """
    lower = path.lower()
    if rows is not None:
        return _of_rows(path, name, rows, stage)
    if lower.endswith(WARC_ENDINGS):
        return _of_warc(path, name)
    if lower.endswith(DUMP_ENDINGS) or _begins(path, b"BZh"):
        return _of_dump(path, name)
    if lower.endswith(TAR_ENDINGS):
        return _of_tar(path, name)
    if _begins(path, b"WARC/"):
        return _of_warc(path, name)
    return _of_file(path, name)


def _begins(path: str, start: bytes) -> bool:
    """Whether a file, unpacked if it is, begins so."""
    with open_read(path) as file:
        head = file.read(4096)
    if head.startswith(b"\x1f\x8b"):
        head = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, len(start))
    return head.startswith(start)


def _of_warc(path: str, name: str) -> Iterator[FoundPage]:
    count = 0
    for record in warc_records(path):
        if record.kind not in ("response", "resource", "conversion"):
            continue
        yield _of_record(record, name, count)
        count += 1


def _of_record(record: WarcRecord, name: str, number: int) -> FoundPage:
    said = record.headers.get("content-type", "")
    common: dict[str, Any] = {
        "id": record.id or f"{name}:{number}",
        "record": number,
        "crawled": record.headers.get("warc-date", ""),
    }
    if record.data is None:
        return FoundPage(**common, page=Page(kind="", data=b"", url=record.url), reason=_TOO_LARGE)
    if record.kind != "response":
        kind = "text" if record.kind == "conversion" else ""
        page = Page(kind=kind, data=record.data, url=record.url, content_type=said)
        return FoundPage(**common, page=page)
    answer = answer_of(record.data)
    page = Page(kind="", data=answer.body, url=record.url, content_type=answer.content_type)
    if not answer.status:
        return FoundPage(**common, page=page, reason="no answer of HTTP")
    reason = "" if answer.status == 200 else f"status {answer.status}"
    return FoundPage(**common, page=page, reason=reason)


def _of_file(path: str, name: str) -> Iterator[FoundPage]:
    with open_read(path) as file:
        data = file.read(MOST_PAGE_BYTES + 1)
    kind = _kind_of(path)
    # Sources of papers stay packed: the extractor's process unpacks them.
    if data.startswith(b"\x1f\x8b") and kind == "html":
        data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MOST_PAGE_BYTES + 1)
    yield _whole(name, 0, kind, data)


def _whole(name: str, number: int, kind: str, data: bytes) -> FoundPage:
    """A page that is a file by itself."""
    if len(data) > MOST_PAGE_BYTES:
        page = Page(kind=kind, data=b"")
        return FoundPage(id=name, record=number, page=page, reason=_TOO_LARGE)
    return FoundPage(id=name, record=number, page=Page(kind=kind, data=data))


def _kind_of(name: str) -> str:
    """What a file's ending says; empty if nothing, or a page whose bytes say it."""
    lower = name.lower()
    return next((kind for kind in ("html", "pdf", "tex") if lower.endswith(_KINDS[kind])), "")


def _of_tar(path: str, name: str) -> Iterator[FoundPage]:
    """The members of a tar that are pages or papers; a tar of sources is one paper.

    Names of members name documents only: nothing is opened or written by them.
    """
    count = 0
    with open_read(path) as file:
        data = file.read(MOST_PAGE_BYTES + 1)
        size = file.seek(0, io.SEEK_END)
    if len(data) <= MOST_PAGE_BYTES and _is_paper(data):
        yield _whole(name, 0, "tex", data)
        return
    with open_read(path) as file, tarfile.open(fileobj=file, mode="r|*") as tar:
        for member in _bounded(tar, size):
            kind = _kind_of(member.name)
            if not member.isreg() or not kind:
                continue
            within = f"{name}:{PurePosixPath(member.name)}"
            body = tar.extractfile(member) if member.size <= MOST_PAGE_BYTES else None
            page = _whole(within, count, kind, body.read() if body else b"")
            if body is None:
                page = FoundPage(id=within, record=count, page=page.page, reason=_TOO_LARGE)
            yield page
            count += 1


def _is_paper(data: bytes) -> bool:
    """Whether a tar holds sources of one paper: a .tex file, and no page and no packed paper."""
    names: list[str] = []
    with tarfile.open(fileobj=io.BytesIO(data), mode="r|*") as tar:
        for member in _bounded(tar, len(data)):
            names.append(member.name.lower())
            if len(names) > _MOST_MEMBERS:
                return False
    is_other = any(name.endswith((*PAGE_ENDINGS, ".gz", ".tgz")) for name in names)
    return not is_other and any(name.endswith(TEX_ENDINGS) for name in names)


def _bounded(tar: tarfile.TarFile, size: int) -> Iterator[tarfile.TarInfo]:
    """The members of a tar whose file has so many bytes.

    Raises:
        ValueError: It unpacks to more than sources and pages ever do.
    """
    for member in tar:
        if member.offset_data + member.size > max(_LEAST_BOMB_BYTES, _MOST_RATIO * size):
            raise ValueError("it unpacks to far more than pages and sources do")
        yield member


def _of_dump(path: str, name: str) -> Iterator[FoundPage]:
    count = 0
    for article in wiki_articles(path):
        if article.space != "0":
            continue
        data = article.markup.encode("utf-8", "replace")
        page = Page(kind="wiki", data=data, title=article.title)
        reason = "" if article.is_whole else _TOO_LARGE
        yield FoundPage(
            id=f"{name}:{article.id or count}",
            record=count,
            page=page,
            reason=reason,
            date=day_of(article.changed),
        )
        count += 1


def _of_rows(path: str, name: str, rows: RowFields, stage: AnyStage | None) -> Iterator[FoundPage]:
    is_table = format_of(path) == "parquet"
    reader = rows_reader(None, {}, {}) if is_table else lines_reader(None, {})
    count = 0
    batches: Any = reader.process(FileGroupTask(data=[path], _metadata={"name": name}))
    for batch in batches:
        for row in _row_dicts(batch.data):
            yield _of_row(row, name, count, rows)
            count += 1
    if stage is not None:
        for rejection in reader.take_notes()[2]:
            stage.reject(rejection)


def _row_dicts(table: Any) -> Iterator[dict[str, Any]]:
    """The rows as they are written."""
    if LINE_COLUMN in table.column_names:
        for line in table.column(LINE_COLUMN):
            yield json.loads(line.as_py())
        return
    yield from table.to_pylist()


def _of_row(row: dict[str, Any], name: str, number: int, rows: RowFields) -> FoundPage:
    html = row.get(rows.html)
    urls = [rows.url] if rows.url else _URLS
    url = next((row[each] for each in urls if isinstance(row.get(each), str)), "")
    own = row.get(rows.id) if rows.id else None
    given = {key: value for key, value in row.items() if key != rows.html}
    data = html.encode("utf-8", "replace") if isinstance(html, str) else html
    reason = "" if isinstance(data, bytes) else f"no {rows.html}"
    if isinstance(data, bytes) and len(data) > MOST_PAGE_BYTES:
        data, reason = b"", _TOO_LARGE
    return FoundPage(
        id=str(own) if own is not None else f"{name}:{number}",
        record=number,
        page=Page(kind="", data=data if isinstance(data, bytes) else b"", url=url),
        reason=reason,
        fields=given,
    )
