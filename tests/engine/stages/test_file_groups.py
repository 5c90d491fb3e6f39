"""Groups of whole files."""

import json
from pathlib import Path

import pytest

from curator_engine.errors import InputError
from curator_engine.stages.file_groups import (
    ClientPartitioningStage,
    FileGroups,
    FilePartitioningStage,
    dataset_name_of,
)
from curator_engine.stages.id_generator import IdGeneratorBase
from curator_engine.task import EmptyTask


@pytest.fixture
def corpus(tmp_path):
    """Files of 10, 20, 30, 40 and 50 bytes, in lines of 10."""
    folder = tmp_path / "Corpus"
    folder.mkdir()
    for n in range(1, 6):
        (folder / f"f{n}.jsonl").write_text('{"n": 1.0}'[:9] + "\n" * 1, encoding="utf-8")
        (folder / f"f{n}.jsonl").write_bytes(b'{"n":100}\n' * n)
    return folder


def groups(stage):
    return [[path[-8] for path in task.data] for task in stage.process(EmptyTask())]


def test_so_many_files_are_one_task(corpus):
    stage = FileGroups(file_paths=str(corpus), files_per_partition=2)
    assert [len(task.data) for task in stage.process(EmptyTask())] == [2, 2, 1]


def sizes(stage):
    return [
        [int(path.removesuffix(".jsonl")[-1]) for path in t.data]
        for t in stage.process(EmptyTask())
    ]


def test_neighbours_are_joined_up_to_so_many_bytes(corpus):
    assert sizes(FilePartitioningStage(file_paths=str(corpus), blocksize=60)) == [
        [1, 2, 3],
        [4],
        [5],
    ]


def test_a_larger_file_is_cut_for_a_reader(corpus):
    tasks = FileGroups(file_paths=str(corpus), blocksize=30).process(EmptyTask())
    assert [task.span for task in tasks] == [None, None, (0, 20), (20, 40), (0, 25), (25, 50)]


def test_a_file_index_counts_the_files_before(corpus):
    tasks = FileGroups(file_paths=str(corpus), blocksize=30).process(EmptyTask())
    assert [task._metadata["file_index"] for task in tasks] == [0, 2, 3, 3, 4, 4]


def test_upstreams_stage_never_cuts(corpus):
    tasks = FilePartitioningStage(file_paths=str(corpus), blocksize=10).process(EmptyTask())
    assert [(len(task.data), task.span) for task in tasks] == [(1, None)] * 5


def test_its_limit_is_one_of_tasks_and_its_metadata_names_the_files(corpus):
    stage = FilePartitioningStage(file_paths=str(corpus), files_per_partition=2, limit=1)
    (task,) = stage.process(EmptyTask())
    assert task._metadata["source_files"] == task.data
    assert (task._metadata["partition_index"], task._metadata["total_partitions"]) == (0, 3)
    assert (task.dataset_name, stage.name) == ("corpus", "file_partitioning")


def test_files_per_partition_goes_before_blocksize(corpus):
    stage = FilePartitioningStage(file_paths=str(corpus), files_per_partition=3, blocksize=1)
    assert sizes(stage) == [[1, 2, 3], [4, 5]]


def test_an_empty_folder_is_no_tasks_and_a_missing_one_an_error(tmp_path):
    assert FilePartitioningStage(file_paths=str(tmp_path)).process(EmptyTask()) == []
    with pytest.raises(InputError, match="does not exist"):
        FilePartitioningStage(file_paths=str(tmp_path / "none")).process(EmptyTask())


def test_tasks_carry_the_ids_of_their_files_and_lines_are_not_cut(corpus, tmp_path):
    state = str(tmp_path / "ids.json")
    IdGeneratorBase(100).to_disk(state)
    stage = FileGroups(file_paths=str(corpus), blocksize=30, ids=state, generates_ids=True)
    tasks = stage.process(EmptyTask())
    found = [task._metadata["ids"] for task in tasks]
    assert found == [[(100, 1), (101, 2)], [(103, 3)], [(106, 4)], [(110, 5)]]
    assert {task.span for task in tasks} == {None}
    assert IdGeneratorBase.from_disk(state).next_id == 115


@pytest.mark.parametrize(
    ("path", "name"),
    [("/data/Web/a.jsonl", "web"), ("a.jsonl", "a"), ("s3://bucket/Web/A.jsonl", "a.jsonl")],
)
def test_the_name_of_a_data_set(path, name):
    assert dataset_name_of(path) == name


def test_a_client_lists_one_file_per_task_or_those_of_a_list(tmp_path):
    for name in ("b.txt", "a.bin", "c/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    root, listed = str(tmp_path), str(tmp_path.parent / "list.json")

    def names(**options):
        tasks = ClientPartitioningStage(file_paths=root, **options).process(EmptyTask())
        return [[path.removeprefix(f"{root}/") for path in task.data] for task in tasks]

    assert names() == [["a.bin"], ["b.txt"], ["c/d.txt"]]
    assert names(file_extensions=[".txt"], files_per_partition=2) == [["b.txt", "c/d.txt"]]
    assert names(limit=1) == [["a.bin"]]
    Path(listed).write_text(json.dumps([f"{root}/c/d.txt", f"{root}/a.bin"]), encoding="utf-8")
    assert names(input_list_json_path=listed) == [["a.bin"], ["c/d.txt"]]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{}", "holds no array of paths"),
        ("x", "is not JSON"),
        ('["/other/a"]', "lists /other/a, which"),
    ],
)
def test_a_list_that_is_none_is_named(text, line, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").touch()
    (tmp_path / "list.json").write_text(text, encoding="utf-8")
    stage = ClientPartitioningStage(
        file_paths=str(tmp_path / "in"), input_list_json_path=str(tmp_path / "list.json")
    )
    with pytest.raises(InputError, match=line):
        stage.process(EmptyTask())
