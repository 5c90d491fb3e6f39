import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import picture, write_table

from curator_engine.errors import DamagedFileError
from curator_image.read.picture_tables import picture_column, picture_rows


def test_a_known_name_goes_before_another_column_of_bytes():
    schema = pa.schema([("mask", pa.binary()), ("jpg", pa.large_binary())])
    assert picture_column(schema) == "jpg"


def test_other_bytes_are_no_facts(tmp_path):
    table = pa.table({"image": [picture()], "mask": [b"x"], "text": ["a"], "n": [1]})
    pq.write_table(table, tmp_path / "t.parquet")
    [row] = picture_rows(str(tmp_path / "t.parquet"))
    assert row.fields == {"text": "a", "n": 1}


def test_the_rows_before_the_damage_are_given(tmp_path):
    path = write_table(tmp_path / "t.parquet", 6)
    data = bytearray(path.read_bytes())
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).data_page_offset
    data[start : start + 40] = b"\xff" * 40
    path.write_bytes(data)
    found = []
    with pytest.raises(DamagedFileError, match=r"is damaged after 2 rows|no table"):
        for row in picture_rows(str(path)):
            found.append(row)
    assert len(found) in (0, 2)
