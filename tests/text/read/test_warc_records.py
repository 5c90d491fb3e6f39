"""Records of WARC files and the answers in them; more in `download/test_warc.py`."""

import pytest
from web_pages import record, write_warc

from curator_text.read.warc_records import answer_of, warc_records


def test_a_record_says_what_it_is(tmp_path):
    path = write_warc(tmp_path / "a.warc.gz", record(b"x", url="http://a.example/", number=7))
    (found,) = warc_records(str(path))
    assert (found.kind, found.url, found.id[-1]) == ("response", "http://a.example/", "7")


def test_an_answer_has_status_type_and_body():
    found = answer_of(b"HTTP/1.1 301 Moved\r\nContent-Type: text/html; charset=x\r\n\r\nbody")
    assert (found.status, found.content_type, found.body) == (301, "text/html; charset=x", b"body")


@pytest.mark.parametrize("data", [b"no answer", b"HTTP/1.1 200 OK", b""])
def test_what_is_no_answer_stays_as_it_is(data):
    found = answer_of(data)
    assert (found.status, found.body) == (0, data)
