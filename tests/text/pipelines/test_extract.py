"""Extraction as a job: all kinds of input at once, every page in one place, the same on every executor."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from web_pages import LONG, dump, html, paper, pdf, record, tar, write_warc

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_text.pipelines.extract import ExtractWorkflow
from curator_text.source_settings import ExtractSettings


@pytest.fixture(scope="module")
def crawl(tmp_path_factory):
    """A folder with 14 pages: 9 documents, 4 that are none, one that the extractor is too slow for; a broken file."""
    folder = tmp_path_factory.mktemp("crawl")
    write_warc(
        folder / "a.warc.gz",
        *(record(html(f"{LONG}{n}").encode(), number=n) for n in range(3)),
        record(b"{}", number=3),
        record(b"<div>" * 2_000_000, number=4),
        record(html(LONG).encode(), number=5, status="500 Oh"),
    )
    (folder / "b.warc.gz").write_bytes((folder / "a.warc.gz").read_bytes()[:60])
    (folder / "pages").mkdir()
    (folder / "pages/one.html").write_text(html(LONG, charset="cp1252") + "für", encoding="cp1252")
    (folder / "pages/empty.html").write_bytes(b"")
    (folder / "pages/paper.pdf").write_bytes(pdf("The harbour was quiet."))
    (folder / "pages/one.tex").write_bytes(paper())
    (folder / "papers.tar").write_bytes(
        tar({"x/1.tex": paper(), "x/a.html": html(LONG).encode()}, "w")
    )
    (folder / "wiki.xml.bz2").write_bytes(
        dump(("Harbour", "0", "A place."), ("Quay", "0", "#REDIRECT [[x]]"))
    )
    (folder / "notes.txt").write_bytes(b"passed over")
    return folder


def extract(crawl, output, **options):
    given: dict[str, Any] = {
        "extractor": "resiliparse",
        "page_timeout": 5.0,
        "max_rejected_ratio": 1.0,
    }
    executor = options.pop("on", LocalExecutor())
    settings = ExtractSettings(inputs=[str(crawl)], output=str(output), **{**given, **options})
    return ExtractWorkflow(settings=settings).run(executor=executor).metadata


@pytest.fixture(scope="module")
def done(crawl, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "out"
    return out, extract(crawl, out)


def rows_of(out):
    files = sorted(Path(out, "data").rglob("*.jsonl"))
    return [
        json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()
    ]


def test_every_page_is_in_one_place(done):
    out, facts = done
    removed = [
        row
        for path in Path(out, "removed").rglob("*.parquet")
        for row in pq.read_table(path).to_pylist()
    ]
    assert (facts["num_documents"], facts["kept"], facts["num_removed"], facts["lost_rows"]) == (
        13,
        9,
        4,
        1,
    )
    assert len(rows_of(out)) == 9
    assert len(removed) == 4
    assert facts["lost_files"] == 1
    assert facts["removed_by"] == {"not HTML": 2, "a redirect": 1, "status 500": 1}
    assert set(facts["lost_reasons"]) >= {"took too long"}


def test_documents_have_texts_and_facts(done):
    rows = {row["id"]: row for row in rows_of(done[0])}
    assert rows["pages/one.html"]["encoding"] == "cp1252"
    assert rows["pages/paper.pdf"]["title"] == "A paper"
    assert rows["papers.tar:x/1.tex"]["text"].startswith("Introduction")
    assert rows["wiki.xml.bz2:1"]["date"] == "2024-03-01"
    assert {row["kind"] for row in rows.values()} == {"html", "pdf", "tex", "wiki"}


@pytest.mark.long
def test_two_workers_leave_the_same_files(crawl, done, tmp_path):
    extract(crawl, tmp_path / "out", on=LocalExecutor({"workers": 2}))
    assert rows_of(tmp_path / "out") == rows_of(done[0])


def test_rows_with_pages_are_read_where_that_is_asked_for(tmp_path):
    rows = [{"page": html(LONG), "url": "http://a.example/", "n": 1}, {"page": "no page"}]
    (tmp_path / "in.jsonl").write_text(
        "\n".join([*map(json.dumps, rows), "{half"]), encoding="utf-8"
    )
    facts = extract(tmp_path / "in.jsonl", tmp_path / "out", html_field="page")
    (row,) = rows_of(tmp_path / "out")
    assert (row["n"], row["url"], row["id"]) == (1, "http://a.example/", "in.jsonl:0")
    assert (facts["kept"], facts["num_removed"], facts["lost_rows"]) == (1, 1, 1)


def test_a_missing_package_is_said_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr("curator_text.extract.stop_words.find_spec", lambda name: None)
    with pytest.raises(SettingsError, match="justext"):
        extract(tmp_path, tmp_path / "out", extractor="justext")
    assert not (tmp_path / "out").exists()
