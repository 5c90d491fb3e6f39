"""Pages out of files of all kinds."""

import gzip
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from web_pages import LONG, dump, html, paper, pdf, record, tar, write_warc

from curator_text.extract import page_sources
from curator_text.extract.page_sources import RowFields, pages_of

PAGE = html(LONG).encode()


def found(path, **about):
    return list(pages_of(str(path), path.name, **about))


def test_records_of_a_warc_are_its_answers(tmp_path):
    path = write_warc(
        tmp_path / "a.warc.gz",
        record(b"software: x", kind="warcinfo"),
        record(b"GET /", kind="request"),
        record(PAGE, number=1, url="http://a.example/1"),
        record(b"gone", number=2, status="404 Not Found"),
        record(b"dns", number=3, kind="resource", type="text/dns"),
        record(b"A text.", number=4, kind="conversion"),
    )
    pages = found(path)
    assert [each.id[-1] for each in pages] == list("1234")
    assert [each.record for each in pages] == [0, 1, 2, 3]
    assert [each.reason for each in pages] == ["", "status 404", "", ""]
    assert [each.page.kind for each in pages] == ["", "", "", "text"]
    assert (pages[0].page.url, pages[0].page.data) == ("http://a.example/1", PAGE)
    assert pages[0].crawled == "2024-05-01T00:00:00Z"


def test_a_warc_by_another_name_is_known_by_its_beginning(tmp_path):
    write_warc(tmp_path / "records.gz", record(PAGE))
    assert len(found(tmp_path / "records.gz")) == 1


def test_a_page_that_is_too_large_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(page_sources, "MOST_PAGE_BYTES", 100)
    (tmp_path / "a.html").write_bytes(PAGE)
    (page,) = found(tmp_path / "a.html")
    assert page.reason.startswith("larger than")
    assert page.page.data == b""


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.html", PAGE, "html"),
        ("a.htm.gz", gzip.compress(PAGE), "html"),
        ("a.pdf", pdf("x"), "pdf"),
        ("a.tex", paper(), "tex"),
        ("paper.tar.gz", tar({"a.tex": paper(), "b.png": b"x"}), "tex"),
        ("2301.00001.gz", gzip.compress(paper()), "tex"),
        ("unknown", PAGE, ""),
    ],
)
def test_a_file_is_a_page(tmp_path, name, data, kind):
    (tmp_path / name).write_bytes(data)
    (page,) = found(tmp_path / name)
    assert (page.page.kind, page.id) == (kind, name)
    assert page.page.data == (gzip.decompress(data) if name == "a.htm.gz" else data)


def test_a_tar_of_papers_and_pages_gives_each(tmp_path):
    papers = {
        "2301/2301.00001.gz": gzip.compress(paper()),
        "2301/2301.00002.pdf": pdf("x"),
        "../climbs.html": PAGE,
        "readme.txt": b"x",
    }
    path = tmp_path / "arXiv_src_2301_001.tar"
    path.write_bytes(tar(papers, "w"))
    assert [(each.id, each.page.kind) for each in found(path)] == [
        ("arXiv_src_2301_001.tar:2301/2301.00001.gz", "tex"),
        ("arXiv_src_2301_001.tar:2301/2301.00002.pdf", "pdf"),
        ("arXiv_src_2301_001.tar:../climbs.html", "html"),
    ]


def test_a_tar_that_unpacks_to_far_more_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(page_sources, "_LEAST_BOMB_BYTES", 1 << 20)
    (tmp_path / "a.tar.gz").write_bytes(tar({"a.tex": bytes(8 << 20)}))
    with pytest.raises(ValueError, match="unpacks to far more"):
        found(tmp_path / "a.tar.gz")


def test_articles_of_a_dump_are_pages(tmp_path):
    path = tmp_path / "simplewiki.xml.bz2"
    path.write_bytes(dump(("Harbour", "0", "A place."), ("Talk:Harbour", "1", "x")))
    (page,) = found(path)
    assert (page.id, page.page.title, page.date) == (
        "simplewiki.xml.bz2:1",
        "Harbour",
        "2024-03-01",
    )
    assert page.page.kind == "wiki"


def test_rows_have_pages_and_keep_their_fields(tmp_path):
    rows = [
        {"id": "x", "content": "<p>a</p>", "url": "http://a.example/", "score": 0.5},
        {"id": None, "content": None},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    pq.write_table(
        pa.table({"id": ["x"], "content": [b"<p>a</p>"], "n": [1]}), tmp_path / "a.parquet"
    )
    fields = RowFields(html="content", id="id")
    lines = found(tmp_path / "a.jsonl", rows=fields)
    (row,) = found(tmp_path / "a.parquet", rows=fields)
    assert [each.id for each in lines] == ["x", "a.jsonl:1"]
    assert [each.reason for each in lines] == ["", "no content"]
    assert lines[0].fields == {"id": "x", "url": "http://a.example/", "score": 0.5}
    assert lines[0].page.url == "http://a.example/"
    assert (row.page.data, row.fields) == (b"<p>a</p>", {"id": "x", "n": 1})
