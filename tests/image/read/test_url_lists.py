import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import DamagedFileError
from curator_image.read.url_lists import url_rows

ROWS = [("http://a/1", "one"), ("http://a/2", "two")]


def as_parquet(path):
    columns = {"URL": [r[0] for r in ROWS], "TEXT": [r[1] for r in ROWS], "raw": [b"x", b"y"]}
    pq.write_table(pa.table(columns), path)


def write(tmp_path, kind):
    path = tmp_path / kind
    if kind == "a.parquet":
        as_parquet(path)
    elif kind == "a.csv.gz":
        path.write_bytes(
            gzip.compress(
                b"url,caption\n" + b"".join(f"{url},{text}\n".encode() for url, text in ROWS)
            )
        )
    elif kind == "a.jsonl":
        path.write_text("".join(f'{{"url": "{url}", "text": "{text}"}}\n' for url, text in ROWS))
    else:
        path.write_text("\n".join([ROWS[0][0], "", f" {ROWS[1][0]} "]))
    return str(path)


@pytest.mark.parametrize("kind", ["a.parquet", "a.csv.gz", "a.jsonl", "a.txt"])
def test_addresses_and_captions_are_found(tmp_path, kind):
    rows = list(url_rows(write(tmp_path, kind)))
    assert [row.url for row in rows] == [url for url, _ in ROWS]
    assert [row.caption for row in rows] == (["", ""] if kind == "a.txt" else ["one", "two"])
    assert "raw" not in rows[0].fields


def test_fields_can_be_named_and_rows_without_an_address_say_so(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"where": "http://a/1", "what": "w"}\n{"url": "http://a/2"}\nno\n')
    rows = list(url_rows(str(path), url_field="where", caption_field="what"))
    assert (rows[0].number, rows[0].url, rows[0].caption) == (0, "http://a/1", "w")
    assert [row.problem for row in rows] == [
        "",
        "no address in where",
        "its line is no JSON object",
    ]


def test_a_damaged_table_is_told(tmp_path):
    path = tmp_path / "a.parquet"
    as_parquet(path)
    path.write_bytes(path.read_bytes()[:40] + bytes(20) + path.read_bytes()[60:])
    with pytest.raises(DamagedFileError):
        list(url_rows(str(path)))
