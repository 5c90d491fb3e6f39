from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_audio.read.table_recordings import table_recordings
from curator_engine.errors import DamagedFileError


def written(path, rows):
    pq.write_table(pa.Table.from_pylist(rows), path)
    return str(path)


def test_bytes_and_paths_are_recordings_and_the_rest_is_facts(tmp_path):
    rows = [
        {"audio": {"bytes": b"x", "path": "a.wav"}, "sentence": "one", "n": 1, "cover": b"picture"},
        {"audio": {"bytes": None, "path": "b.wav"}, "sentence": "two", "n": 2, "cover": None},
        {"audio": {"bytes": b"", "path": None}, "sentence": None, "n": 3, "cover": None},
    ]
    tally = Counter()
    first, second, third = table_recordings(written(tmp_path / "t.parquet", rows), tally=tally)
    assert (first.data, first.text, first.fields) == (b"x", "one", {"sentence": "one", "n": 1})
    assert (second.listed.path, second.text) == (f"{tmp_path}/b.wav", "two")
    assert third.problem == "it is empty"
    assert tally == {"column cover": 1}


def test_a_column_of_bytes_alone_is_recordings(tmp_path):
    [row] = table_recordings(written(tmp_path / "t.parquet", [{"flac": b"x", "id": "u1"}]))
    assert (row.data, row.fields) == (b"x", {"id": "u1"})


def test_a_table_of_paths_is_a_list(tmp_path):
    rows = [{"audio_filepath": "a.wav", "offset": 1.0, "duration": 2.0, "text": "one"}]
    [row] = table_recordings(written(tmp_path / "t.parquet", rows))
    assert (row.listed.start_s, row.listed.end_s, row.text) == (1.0, 3.0, "one")


def test_a_table_of_neither_is_named(tmp_path):
    with pytest.raises(DamagedFileError, match="no column of recordings, as bytes or as paths"):
        list(table_recordings(written(tmp_path / "t.parquet", [{"speaker": "one"}])))
