"""Input files cut into tasks."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.storage import write_atomic
from curator_engine.stages.files import FilePartitioner, format_of, parse_size
from curator_engine.stages.jsonl_files import JsonlReader
from curator_engine.stages.parquet import ParquetReader
from curator_engine.task import EmptyTask

LINE = b'{"text":"0123456789"}\n'


@pytest.fixture
def folder(tmp):
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        write_atomic(f"{tmp}/{name}", LINE * 10)
    return tmp


def tasks(folder, **options):
    return FilePartitioner(file_paths=folder, **options).process(EmptyTask())


def items(found, reader=None):
    reader = reader or JsonlReader()
    return sum(batch.num_items for task in found for batch in reader.process(task))


def test_a_file_is_a_task(folder):
    assert [t._metadata["name"] for t in tasks(folder)] == ["a.jsonl", "b.jsonl", "c.jsonl"]


def test_several_files_can_be_a_task(folder):
    assert [len(t.data) for t in tasks(folder, files_per_partition=2)] == [2, 1]


def test_large_files_are_cut_and_no_item_is_lost(folder):
    found = tasks(folder, blocksize=50)
    assert (len(found), items(found)) == (15, 30)


def test_small_files_are_not_cut(folder):
    assert [t.span for t in tasks(folder, blocksize="1MiB")] == [None] * 3


@pytest.mark.parametrize("limit", [1, 10, 15, 30, 99])
@pytest.mark.parametrize("blocksize", [None, 50])
def test_a_limit_takes_the_first_items(folder, limit, blocksize):
    assert items(tasks(folder, limit=limit, blocksize=blocksize)) == min(limit, 30)


def test_a_limit_counts_files_that_are_no_lists_of_items(tmp):
    for name in ("a.mp4", "b.mp4", "c.mp4"):
        write_atomic(f"{tmp}/{name}", b"x")
    found = tasks(tmp, limit=2, file_extensions=[".mp4"])
    assert [task._metadata["name"] for task in found] == ["a.mp4", "b.mp4"]


def test_blank_lines_do_not_count_for_the_limit(tmp):
    write_atomic(f"{tmp}/a.jsonl", b"\n" + LINE + b"\n" + LINE)
    assert items(tasks(tmp, limit=2)) == 2


def test_parquet_is_cut_at_row_groups(tmp):
    pq.write_table(pa.table({"n": range(100)}), f"{tmp}/x.parquet", row_group_size=10)
    found = tasks(tmp, blocksize=200)
    assert len(found) > 2
    assert items(found, ParquetReader()) == 100


def test_a_limit_holds_within_a_row_group(tmp):
    pq.write_table(pa.table({"n": range(100)}), f"{tmp}/x.parquet", row_group_size=10)
    assert items(tasks(tmp, limit=25), ParquetReader()) == 25


def test_an_unreadable_parquet_file_is_left_to_the_reader(tmp):
    write_atomic(f"{tmp}/x.parquet", b"nonsense")
    assert [t.span for t in tasks(tmp, blocksize=100)] == [None]


def test_no_files_are_an_error_unless_allowed(tmp):
    assert tasks(tmp, allow_empty=True) == []
    with pytest.raises(InputError, match="no files ending in"):
        tasks(tmp)


def test_a_lance_dataset_is_not_taken_for_a_folder_of_files(tmp_path):
    (tmp_path / "_versions").mkdir()
    (tmp_path / "a.jsonl").write_bytes(LINE)
    assert items(tasks(str(tmp_path))) == 1
    (tmp_path / "_versions/1.manifest").write_bytes(b"")
    with pytest.raises(InputError, match=r"its name does not end in \.lance; rename it"):
        tasks(str(tmp_path))
    with pytest.raises(InputError, match="is a Lance dataset, which is not read here"):
        tasks(str(tmp_path), file_format="jsonl")
    with pytest.raises(InputError, match="is a Lance dataset, which is read on this machine only"):
        tasks("s3://bucket/a.lance")


def test_two_ways_of_cutting_exclude_each_other(folder):
    with pytest.raises(SettingsError, match="files_per_partition or blocksize"):
        tasks(folder, files_per_partition=1, blocksize=1)


@pytest.mark.parametrize(
    ("text", "size"),
    [
        *((5, 5), ("32MiB", 32 << 20), ("1.5 GB", 1_500_000_000), ("7", 7), ("1G", 10**9)),
        *(("1TB", 10**12), ("1.5GiB", 3 << 29), ("2Mi", 2 << 20), (".5k", 500)),
    ],
)
def test_sizes_have_units(text, size):
    assert parse_size(text) == size


def test_a_wrong_size_says_how_to_write_it():
    with pytest.raises(SettingsError, match="'much' is not a size; write it as"):
        parse_size("much")


def test_a_format_is_known_by_its_ending():
    assert [format_of(n) for n in ("a.jsonl.gz", "b.parquet")] == ["jsonl", "parquet"]
    with pytest.raises(InputError, match="the format is not known by its ending"):
        format_of("a.dat")


@pytest.mark.parametrize("text", ["1.2.3GB", "", "GB", "-1", "1e9", "9" * 400, "1 000", "٣GB"])
def test_what_is_no_size_is_one_line(text):
    with pytest.raises(SettingsError, match="is not a size; write it as"):
        parse_size(text)
