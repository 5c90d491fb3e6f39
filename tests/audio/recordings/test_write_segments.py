import pyarrow.parquet as pq
import pytest
from audio.runs import copied, data, rows_of

from curator_audio.recordings.write_segments import WriteSegments
from curator_engine.errors import InputError
from curator_engine.task import FileGroupTask


def test_the_same_marks_give_the_same_files(finished_segments, tmp_path):
    rows = rows_of(finished_segments)
    stage = WriteSegments(
        marks=str(finished_segments / "segments.parquet"),
        output=str(tmp_path),
        parts=str(tmp_path / "parts"),
    )
    places = {row["source"]: row for row in rows}
    for name, row in places.items():
        task = FileGroupTask(data=[row["file"]], stamp=row["stamp"], _metadata={"name": name})
        stage.process(task)
    assert data(tmp_path) == data(finished_segments)


def test_a_file_that_has_changed_is_refused(finished_segments, tmp_path):
    run = copied(finished_segments, tmp_path)
    row = next(row for row in rows_of(run) if row["source"] == "loud.wav")
    stage = WriteSegments(
        marks=str(run / "segments.parquet"), output=str(tmp_path), parts=str(tmp_path / "parts")
    )
    task = FileGroupTask(data=[row["file"]], stamp="other", _metadata={"name": "loud.wav"})
    with pytest.raises(InputError, match="has changed"):
        stage.process(task)
    assert pq.read_table(run / "segments.parquet").num_rows == 6
