import pyarrow as pa
import pytest

from curator_audio.duplicates.fingerprint import FINGERPRINTS
from curator_audio.recordings.fingerprint_file import FILE, join_fingerprints, open_fingerprints
from curator_engine.errors import InputError, StorageError
from curator_engine.stages.table_files import write_table


def _table(*names):
    row = {"sha256": bytes(32), "samples": bytes(32), "seconds": 1.0, "peaks": b"", "levels": b"ab"}
    return pa.Table.from_pylist([{"uuid": name, **row} for name in names], FINGERPRINTS)


def test_parts_follow_what_there_was(tmp_path):
    for name in ("2", "1"):
        write_table(str(tmp_path / "parts" / f"{name}.parquet"), _table(name))
    found = join_fingerprints(str(tmp_path / "parts"), str(tmp_path), _table("0"))
    assert found.column("uuid").to_pylist() == ["0", "1", "2"]
    assert found.equals(open_fingerprints(str(tmp_path)))


def test_a_run_without_fingerprints_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="run curator-audio dedup on it first"):
        open_fingerprints(str(tmp_path))


def test_a_damaged_file_says_what_to_do(tmp_path):
    (tmp_path / FILE).write_bytes(b"nothing of the kind")
    with pytest.raises(StorageError, match="remove it and run dedup again"):
        open_fingerprints(str(tmp_path))
