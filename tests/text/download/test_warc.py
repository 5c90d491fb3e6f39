"""Answers of servers in WARC files."""

import gzip
import zlib

import pytest

from curator_text.download.warc import CommonCrawlWarcIterator
from curator_text.read import warc_records


def record(kind, content, **headers):
    lines = [b"WARC/1.0", f"WARC-Type: {kind}".encode(), f"Content-Length: {len(content)}".encode()]
    lines += [f"{name.replace('_', '-')}: {value}".encode() for name, value in headers.items()]
    return b"\r\n".join([*lines, b"", content, b"", b""])


def answer(body, *headers):
    return b"\r\n".join([b"HTTP/1.1 200 OK", *headers, b"", body])


def page(body, *headers, url="http://a/"):
    name = "<urn:uuid:1234>"
    return record("response", answer(body, *headers), WARC_Target_URI=url, WARC_Record_ID=name)


def contents(path):
    return [each["content"] for each in CommonCrawlWarcIterator().iterate(str(path))]


@pytest.mark.parametrize("packed", [False, True])
def test_only_answers_are_read_with_their_url_and_id(packed, tmp_path):
    records = [
        record("warcinfo", b"about"),
        page(b"<p>1"),
        record("request", b"GET /"),
        page(b"<p>2"),
    ]
    path = tmp_path / "a.warc.gz"
    path.write_bytes(b"".join(map(gzip.compress, records)) if packed else b"".join(records))
    found = list(CommonCrawlWarcIterator().iterate(str(path)))
    assert [each["content"] for each in found] == [b"<p>1", b"<p>2"]
    facts = {"url": "http://a/", "warc_id": "1234", "source_id": "a.warc.gz"}
    assert {name: found[0][name] for name in facts} == facts
    assert list(found[0]) == CommonCrawlWarcIterator().output_columns()


def test_a_body_is_put_together_and_unpacked(tmp_path):
    chunks = b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"
    raw = zlib.compress(b"raw")[2:-4]
    pages = [
        page(chunks, b"Transfer-Encoding: chunked"),
        page(gzip.compress(b"text"), b"Content-Encoding: gzip"),
        page(raw, b"Content-Encoding: deflate"),
        page(b"plain", b"Content-Encoding: gzip", b"Transfer-Encoding: chunked"),
        record("response", b"no head"),
    ]
    (tmp_path / "a.warc").write_bytes(b"".join(pages))
    assert contents(tmp_path / "a.warc") == [b"abcde", b"text", b"raw", b"plain", b"no head"]


def test_a_body_that_unpacks_without_end_and_a_huge_record_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(warc_records, "MAX_RECORD_BYTES", 1000)
    bomb = page(gzip.compress(b"0" * 100_000), b"Content-Encoding: gzip")
    (tmp_path / "a.warc").write_bytes(bomb + page(b"x" * 2000) + page(b"after"))
    assert [len(each) for each in contents(tmp_path / "a.warc")] == [1000, 5]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"hello\n", "no WARC record where one should begin"),
        (b"WARC/1.0\r\n\r\n", "does not say its length"),
        (page(b"text")[:-9], "ends within a record"),
    ],
)
def test_what_is_no_warc_file_or_half_of_one_is_said(data, line, tmp_path):
    (tmp_path / "a.warc").write_bytes(data)
    with pytest.raises(ValueError, match=line):
        contents(tmp_path / "a.warc")


def test_a_header_may_go_on_in_the_next_line(tmp_path):
    lines = b"WARC/1.0\r\nWARC-Type:\r\n response\r\nContent-Length: 2\r\n\r\nhi\r\n\r\n"
    (tmp_path / "a.warc").write_bytes(lines)
    assert contents(tmp_path / "a.warc") == [b"hi"]
