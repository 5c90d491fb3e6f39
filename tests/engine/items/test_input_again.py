import pyarrow as pa
import pytest

from curator_engine.errors import InputError
from curator_engine.files.output_folder import take
from curator_engine.items.input_again import (
    check_unchanged_since,
    end_again,
    files_of_rows,
    steps_again,
    tables_in,
    write_marks,
)
from curator_engine.stages.files import find_inputs
from curator_engine.stages.small_files import task_of
from curator_engine.stages.table_files import write_table

MARKS = pa.table({"uuid": ["a"], "keep": [True]})


def test_a_file_of_several_items_is_listed_once_with_their_size():
    columns = {"file": ["/x", "/x", "/y"], "source": ["x", "x", "y"], "stamp": ["1", "1", "2"]}
    files = files_of_rows(pa.table({**columns, "num_bytes": [3, 4, None]}))
    assert [(file.path, file.name, file.stamp, file.size) for file in files] == [
        ("/x", "x", "1", 7),
        ("/y", "y", "2", 0),
    ]


def test_a_file_that_has_changed_is_named(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n")
    (file,) = find_inputs(str(path)).files
    task = task_of([(file.path, file.name, file.stamp)])
    check_unchanged_since([task])
    path.write_bytes(b"{}\n{}\n")
    with pytest.raises(InputError, match=r"a\.jsonl is not as it was when it was read"):
        check_unchanged_since([task])


def test_what_is_written_stays_for_the_same_marks_only(tmp_path):
    steps = steps_again(str(tmp_path), "again")
    with take(str(tmp_path), job="curate"):
        _, parts = write_marks(steps, MARKS, "flac", data="data")
        write_table(f"{parts}/0.parquet", MARKS)
        write_marks(steps, MARKS, "flac", data="data")
        assert tables_in(parts, MARKS.schema).equals(MARKS)
        write_marks(steps, MARKS, "wav", data="data")
        assert tables_in(parts, MARKS.schema).num_rows == 0


def test_the_last_cache_takes_the_folder_of_caches_with_it(tmp_path):
    with take(str(tmp_path / "out"), job="j", version="1"):
        first, second = (steps_again(str(tmp_path / "out"), name) for name in ("a", "b"))
        for steps in (first, second):
            write_table(f"{steps.cache}/t.parquet", MARKS)
        end_again(first)
        assert [path.name for path in (tmp_path / "out/.cache").iterdir()] == ["b"]
        end_again(second)
    assert not (tmp_path / "out/.cache").exists()
