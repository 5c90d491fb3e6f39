import pyarrow.parquet as pq

from curator_audio.recordings.write_rows import WriteRows
from curator_audio.task import AudioBatch, Segment


def test_a_part_has_the_rows_of_its_task(tmp_path):
    batch = AudioBatch(data=[Segment(uuid="a"), Segment(uuid="b")], task_id="0_1")
    made = WriteRows(parts=str(tmp_path)).process(batch)
    assert made.data == [f"{tmp_path}/rows/0_1.parquet"]
    assert pq.read_table(made.data[0]).column("uuid").to_pylist() == ["a", "b"]
