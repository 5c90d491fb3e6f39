import struct

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


def test_offsets_that_lead_nowhere_are_damage_not_the_end_of_the_process(tmp_path):
    table = pa.table({"image": [bytes(1000)] * 3})
    path = tmp_path / "d.arrow"
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table)
    sound, odd = struct.pack("<3i", 0, 1000, 2000), struct.pack("<3i", 0, 1000, 1 << 30)
    path.write_bytes(path.read_bytes().replace(sound, odd))
    with pytest.raises(DamagedFileError, match="no table that can be read"):
        list(picture_rows(str(path)))


def test_a_name_of_a_column_that_is_no_text_is_damage(tmp_path):
    table = pa.table({"image": [b"x"], "wwww": [1]})
    path = tmp_path / "d.arrow"
    with pa.ipc.new_stream(path, table.schema) as stream:
        stream.write_table(table)
    path.write_bytes(path.read_bytes().replace(b"wwww", b"w\xffww"))
    with pytest.raises(DamagedFileError):
        list(picture_rows(str(path)))


def test_columns_that_are_not_read_are_named(tmp_path):
    table = pa.table({"image": [b"x"], "mask": [b"y"], "boxes": [[1, 2]], "n": [1]})
    pq.write_table(table, tmp_path / "t.parquet")
    [row] = picture_rows(str(tmp_path / "t.parquet"))
    assert (row.others, row.fields) == (("mask", "boxes"), {"n": 1})
