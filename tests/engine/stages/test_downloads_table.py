import pyarrow as pa
import pyarrow.parquet as pq

from curator_engine.stages.downloads_table import (
    downloads_that_came,
    join_downloads,
    mark_of_downloads,
)

SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("key", "reason", "path")] + [("num_bytes", pa.int64())]
)


def test_the_parts_become_one_table_from_which_each_can_be_read(ours, tmp_path):
    (tmp_path / "parts").mkdir()
    for number in range(2):
        rows = [
            {"key": f"{number}-0", "reason": "", "path": "data/x", "num_bytes": 5},
            {"key": f"{number}-1", "reason": "status 404", "path": None, "num_bytes": None},
        ]
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), tmp_path / f"parts/{number}.parquet")
    assert mark_of_downloads(ours) is None
    facts = join_downloads(str(tmp_path / "parts"), ours, SCHEMA, "mark")
    assert facts == {
        "urls": 4,
        "downloaded": 2,
        "failed": 2,
        "failed_by": {"status 404": 2},
        "bytes": 10,
    }
    assert mark_of_downloads(ours) == "mark"
    assert list(downloads_that_came(f"{ours}/downloads.parquet", 1)) == ["1-0"]
    assert downloads_that_came("", 1) == {}
