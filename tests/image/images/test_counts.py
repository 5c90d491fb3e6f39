import pyarrow as pa
import pyarrow.parquet as pq

from curator_image.images.counts import counts_in, said, with_counts


def test_counts_of_all_parts_are_added_up(tmp_path):
    table = pa.table({"a": [1]})
    for name, counts in (("1", {"npy": 2}), ("2", {"npy": 1, "é": 1}), ("3", {})):
        pq.write_table(with_counts(table, counts), tmp_path / f"{name}.parquet")
    assert counts_in(str(tmp_path)) == {"npy": 3, "é": 1}
    assert pq.read_table(tmp_path / "1.parquet").column_names == ["a"]


def test_counts_are_said_in_words():
    assert said({"npy": 1200, "x": 0, "seg.png": 1}) == "1 seg.png, 1,200 npy"
