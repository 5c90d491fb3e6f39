"""Records of shards added up, and shards that are no whole."""

import json

import pytest

from curator_engine.errors import InputError
from curator_engine.running.shard_runs import add_up, find_shards, format_slurm_array_indices


def put(folder, index, count=3, **changes):
    record = {"job": "drop", "version": "1", "status": "done", "settings": {"word": "a"}}
    record |= {"shard": {"key": "k"}} | changes
    path = folder / f"shard-{index:05d}-of-{count:05d}"
    path.mkdir()
    (path / "run.json").write_text(json.dumps(record), encoding="utf-8")


def test_counts_are_added_wherever_they_stand():
    first = {
        "n": 1,
        "by": {"a": 1, "b": 2},
        "bins": [1, 0],
        "notes": ["x"],
        "passed_over": {".z": 2},
    }
    second = {
        "n": 2,
        "by": {"a": 1, "c": 3},
        "bins": [1, 5],
        "notes": ["x", "y"],
        "passed_over": {".z": 2},
    }
    assert add_up([first, second]) == {
        "n": 3,
        "by": {"a": 2, "b": 2, "c": 3},
        "bins": [2, 5],
        "notes": ["x", "y"],
        "passed_over": {".z": 2},
    }


def test_stages_are_added_by_name_and_memory_is_the_largest():
    steps = [{"stages": [{"name": "read", "tasks_in": n}], "peak_memory_mb": n} for n in (1, 2)]
    assert add_up(steps) == {"stages": [{"name": "read", "tasks_in": 3}], "peak_memory_mb": 2}


def test_what_each_has_of_the_whole_is_not_added():
    assert add_up([{"items": 7}, {"items": 7}], same=frozenset({"items"})) == {"items": 7}


def test_shards_that_are_not_done_are_named_as_slurm_takes_them(tmp_path):
    put(tmp_path, 1, 7)
    put(tmp_path, 2, 7, status="failed")
    with pytest.raises(InputError, match=r"6 of the 7.*missing: 0,3-6; failed: 2.*--array=0,2-6,"):
        find_shards(str(tmp_path))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"settings": {"word": "b"}, "shard": {"key": "l"}}, "word a, now b"),
        ({"shard": {"key": "l"}}, "the input had other files"),
        ({"version": "2"}, "version 1, there 2"),
    ],
)
def test_shards_of_different_runs_are_not_joined(tmp_path, changes, says):
    put(tmp_path, 0, 2)
    put(tmp_path, 1, 2, **changes)
    with pytest.raises(InputError, match=says):
        find_shards(str(tmp_path))


def test_a_folder_without_shards_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no folders such as"):
        find_shards(str(tmp_path))


def test_numbers_of_an_array_are_written_as_slurm_takes_them():
    assert format_slurm_array_indices([9, 3, 8, 7, 3]) == "3,7-9"
    with pytest.raises(ValueError, match="-1 is no number"):
        format_slurm_array_indices([-1])
