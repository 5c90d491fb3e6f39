import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.task import FileGroupTask
from curator_image.images.kept import SPAN_SHIFT, read_marks


def test_marks_are_those_of_a_file_and_of_a_span_of_it(tmp_path):
    rows = [
        ("a", 0, "0", True, "a0"),
        ("a", 1, "1", False, "a1"),
        ("a", 2 << SPAN_SHIFT, "7", True, "a7"),
        ("b", 0, "0", True, "b0"),
    ]
    names = ("source", "position", "member", "keep", "uuid")
    pq.write_table(
        pa.Table.from_pylist([dict(zip(names, r, strict=True)) for r in rows]),
        tmp_path / "m.parquet",
    )
    files = [
        FileGroupTask(data=["x/a"], _metadata={"name": "a"}),
        FileGroupTask(data=["x/a"], span=(2, 3), _metadata={"name": "a"}),
        FileGroupTask(data=["x/c"], _metadata={"name": "c"}),
    ]
    found = [list(each.ids.values()) for each in read_marks(str(tmp_path / "m.parquet"), files)]
    assert found == [["a0"], ["a7"], []]
