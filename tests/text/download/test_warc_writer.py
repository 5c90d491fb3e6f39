"""Records that are written are read again."""

from curator_text.download.warc_writer import now, warc_record
from curator_text.read.warc_records import answer_of, warc_records


def test_a_record_is_read_as_it_was_written(tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1714521600")
    made = [
        warc_record(
            f"http://a.example/{n}",
            b"body",
            content_type="text/html; charset=x\nBad: y",
            date=now(),
        )
        for n in (1, 2, 1)
    ]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(made))
    records = list(warc_records(str(tmp_path / "a.warc.gz")))
    assert [record.url for record in records] == [f"http://a.example/{n}" for n in (1, 2, 1)]
    assert records[0].id == records[2].id != records[1].id
    assert records[0].headers["warc-date"] == "2024-05-01T00:00:00Z"
    answer = answer_of(records[0].data or b"")
    assert (answer.status, answer.body) == (200, b"body")
    assert answer.content_type == "text/html; charset=xBad: y"
