import pyarrow as pa
import pytest

from curator_engine.errors import InputError, StorageError
from curator_engine.items.fingerprint_file import FILE, FingerprintFile
from curator_engine.stages.table_files import write_table

SCHEMA = pa.schema([pa.field("uuid", pa.string())])
PRINTS = FingerprintFile(schema=SCHEMA, made_by="pictures curate")


def part(*names):
    return pa.table({"uuid": list(names)}, SCHEMA)


def test_parts_follow_what_there_was(tmp_path):
    for name in "21":
        write_table(str(tmp_path / f"parts/{name}.parquet"), part(name, name * 2))
    found = PRINTS.join(str(tmp_path / "parts"), str(tmp_path), part("0"))
    assert found.column("uuid").to_pylist() == ["0", "1", "11", "2", "22"]
    assert found.equals(PRINTS.open(str(tmp_path)))


def test_no_parts_make_an_empty_file(tmp_path):
    assert PRINTS.join(str(tmp_path / "none"), str(tmp_path)).num_rows == 0


def test_a_folder_without_them_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match=f"holds no {FILE}; run pictures curate first"):
        PRINTS.open(str(tmp_path))


def test_a_damaged_file_says_what_to_do(tmp_path):
    (tmp_path / FILE).write_bytes(b"nothing of the kind")
    with pytest.raises(StorageError, match="remove it and run pictures curate again"):
        PRINTS.open(str(tmp_path))


def test_a_column_that_a_file_of_before_lacks_is_null(tmp_path):
    PRINTS.write([part("1")], str(tmp_path / FILE))
    newer = FingerprintFile(schema=SCHEMA.append(pa.field("parts", pa.binary(2))), made_by="x")
    assert newer.open(str(tmp_path)).to_pylist() == [{"uuid": "1", "parts": None}]
    assert newer.write([part("2")], str(tmp_path / "other")).schema == newer.schema
