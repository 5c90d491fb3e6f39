import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, StorageError
from curator_image.duplicates.fingerprint import FINGERPRINTS
from curator_image.images.fingerprints import FILE, join_fingerprints, open_fingerprints


def part(*names):
    none = dict.fromkeys(FINGERPRINTS.names)
    return pa.Table.from_pylist([{**none, "uuid": name} for name in names], schema=FINGERPRINTS)


def test_parts_become_one_file(tmp_path):
    for name in ("b", "a"):
        (tmp_path / "parts").mkdir(exist_ok=True)
        pq.write_table(part(name, name * 2), tmp_path / f"parts/{name}.parquet")
    joined = join_fingerprints(str(tmp_path / "parts"), str(tmp_path))
    assert joined.column("uuid").to_pylist() == ["a", "aa", "b", "bb"]


def test_no_parts_make_an_empty_file(tmp_path):
    assert join_fingerprints(str(tmp_path / "none"), str(tmp_path)).num_rows == 0


def test_a_folder_without_them_is_refused(tmp_path):
    with pytest.raises(InputError, match=f"holds no {FILE}"):
        open_fingerprints(str(tmp_path))


def test_a_damaged_file_is_one_line(tmp_path):
    (tmp_path / FILE).write_bytes(b"nothing")
    with pytest.raises(StorageError, match="no Arrow file"):
        open_fingerprints(str(tmp_path))
