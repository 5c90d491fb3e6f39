"""Columns that are named by folders."""

import pyarrow as pa
import pyarrow.dataset as pads
import pyarrow.parquet as pq
import pytest

from curator_engine.files.hive import partition_folder, partition_values
from curator_engine.stages.parquet import iter_row_groups


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("in/site=a/year=2024/x.parquet", {"site": "a", "year": 2024}),
        ("s3://bucket/site=a%2Fb/x.parquet", {"site": "a/b"}),
        ("in/site=__HIVE_DEFAULT_PARTITION__/x", {"site": None}),
        ("in/month=03/month=04/x", {"month": 4}),
        ("in/=a/x=1.parquet", {}),
    ],
)
def test_folders_of_hive_name_values(path, values):
    assert partition_values(path) == values


def test_a_folder_as_arrow_writes_it_gives_its_column(tmp_path):
    table = pa.table({"n": [1, 2, 3], "site": ["a", "b", "b"]})
    pads.write_dataset(
        table, tmp_path, format="parquet", partitioning=["site"], partitioning_flavor="hive"
    )
    path = str(next((tmp_path / "site=b").iterdir()))
    ((_, found),) = iter_row_groups(path, ["site", "n"])
    assert found.to_pydict() == {"n": [2, 3], "site": ["b", "b"]}
    ((_, alone),) = iter_row_groups(path, ["site"])
    assert alone.to_pydict() == {"site": ["b", "b"]}
    ((_, whole),) = iter_row_groups(path)
    assert whole.column_names == ["n"]


def test_a_column_of_the_file_itself_wins(tmp_path):
    (tmp_path / "site=a").mkdir()
    pq.write_table(pa.table({"site": ["own"]}), tmp_path / "site=a/x.parquet")
    ((_, found),) = iter_row_groups(f"{tmp_path}/site=a/x.parquet", ["site"])
    assert found.to_pydict() == {"site": ["own"]}


HOSTILE = ["a/b", "..", "", "x=y", "%2F", "é b", "n\0l", 'q"*:?\\', "de", "DE", None]


def test_arrow_reads_the_values_that_folders_were_named_by(tmp_path):
    for i, value in enumerate(HOSTILE):
        folder = tmp_path / partition_folder("v", value)
        folder.mkdir()
        pq.write_table(pa.table({"i": [i]}), folder / "x.parquet")
    found = pads.dataset(tmp_path, format="parquet", partitioning="hive").to_table().sort_by("i")
    assert found.column("v").to_pylist() == HOSTILE


@pytest.mark.parametrize("value", HOSTILE)
def test_the_value_of_a_folder_is_read_back(value):
    assert partition_values(f"{partition_folder('a=b', value)}/x") == {"a=b": value}
