"""Where a page or document has come: of runs of download, extract, tokenize, embed."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from text_toys import command, write_jsonl

HTML = "<html><head><title>{0}</title></head><body><p>" + "A page of {0}, in words. " * 20
SITE = "http://example.org/"


def explain(run, name):
    code, said, wrong = command("explain", run, "--id", name)
    return said if code == 0 else wrong


@pytest.fixture
def pages(tmp_path):
    rows = [{"url": SITE + name, "html": HTML.format(name)} for name in ("cats", "dogs")]
    return write_jsonl(tmp_path / "p.jsonl", [*rows, {"url": f"{SITE}none", "html": "<html>"}])


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_an_extracted_page_is_found_by_its_address_and_by_its_place(pages, tmp_path, form):
    words = ["--html-field", "html", "--output-format", form, "--executor", "local"]
    assert command("extract", pages, "-o", tmp_path / "out", "--workers", "1", *words)[0] == 0
    for name in (f"{SITE}dogs", "p.jsonl:1"):
        said = explain(tmp_path / "out", name)
        assert "kept" in said
        assert f"lies in      data/p.jsonl{'.parquet' * (form == 'parquet')}" in said
        assert "comes from   p.jsonl, page 1" in said
    assert "removed; no main text" in explain(tmp_path / "out", f"{SITE}none")
    assert "is called 'p.jsonl:9'" in explain(tmp_path / "out", "p.jsonl:9")


def test_a_tokenized_and_an_embedded_document_are_found(tmp_path):
    rows = [{"id": name, "text": f"the words of {name}"} for name in ("one", "two")]
    source = write_jsonl(tmp_path / "a.jsonl", rows)
    command("tokenize", source, "-o", tmp_path / "tokens", "--id-field", "id")
    for name in ("two", "a.jsonl:1"):
        assert "data/part-00000.bin, tokens 17 to 33" in explain(tmp_path / "tokens", name)
    command("embed", source, "-o", tmp_path / "vectors", "--id-field", "id", "--workers", "1")
    assert "comes from   a.jsonl, row 1" in explain(tmp_path / "vectors", "two")


def test_a_document_of_a_csv_file_is_found_by_that_name(tmp_path):
    (tmp_path / "a.csv").write_text("text\nthe words of one\n")
    command("embed", tmp_path / "a.csv", "-o", tmp_path / "vectors", "--workers", "1")
    assert "comes from   a.csv.jsonl, row 0" in explain(tmp_path / "vectors", "a.csv:0")


def test_an_address_says_whether_it_was_downloaded(tmp_path):
    there = {"url": f"{SITE}a", "path": "data/pages-000000.warc.gz", "num_bytes": 9, "status": 200}
    gone = {"url": f"{SITE}b", "reason": "status 404", "status": 404}
    common = {"list": "urls.txt", "tries": 1, "key": "000000-0000", "row": 0}
    names = ["reason", "final_url", "sha256", "content_type", "path", "num_bytes"]
    rows = [dict.fromkeys(names) | common | row for row in (there, gone)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "downloads.parquet")
    record = {"job": "download", "status": "done", "settings": {}, "facts": {}}
    (tmp_path / "run.json").write_text(json.dumps(record))
    assert "lies in      data/pages-000000.warc.gz, 9 bytes" in explain(tmp_path, f"{SITE}a")
    said = explain(tmp_path, f"{SITE}b")
    assert "not downloaded; status 404" in said
    assert "named by     urls.txt, row 0" in said
