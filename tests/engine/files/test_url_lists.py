"""Lists of addresses in any format; more in the tests of what apps make of them."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import DamagedFileError
from curator_engine.files.url_lists import rows_of_list


def test_every_format_gives_rows(tmp_path):
    (tmp_path / "a.txt").write_text("http://a\n\nhttp://b\n", encoding="utf-8")
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"url": "http://a", "n": 1}\nno\n'))
    (tmp_path / "a.csv").write_text("url,n\nhttp://a,1\n", encoding="utf-8")
    pq.write_table(
        pa.table({"url": ["http://a"], "raw": [b"x"], "n": [None]}), tmp_path / "a.parquet"
    )
    found = {path.name: list(rows_of_list(str(path))) for path in tmp_path.iterdir()}
    assert found == {
        "a.txt": [{"url": "http://a"}, {}, {"url": "http://b"}],
        "a.jsonl.gz": [{"url": "http://a", "n": 1}, None],
        "a.csv": [{"url": "http://a", "n": "1"}],
        "a.parquet": [{"url": "http://a"}],
    }


def test_a_damaged_table_is_said(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(DamagedFileError, match="no table that can be read"):
        list(rows_of_list(str(tmp_path / "a.parquet")))
