"""Tasks of files that were made by hand get the places that listed ones have."""

import pytest

from curator_engine.errors import InputError
from curator_engine.stages.files import FilePartitioner
from curator_engine.stages.given_tasks import placed
from curator_engine.task import EmptyTask, FileGroupTask


@pytest.fixture
def files(tmp_path):
    paths = [tmp_path / name for name in ("b/x.jsonl", "a/x.jsonl", "a/y.jsonl")]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text('{"text": "a"}\n', encoding="utf-8")
    return [str(path) for path in paths]


def test_files_are_numbered_in_the_order_of_the_tasks(files):
    tasks = placed([FileGroupTask(data=[files[0]]), FileGroupTask(data=files[1:])])
    assert [task._metadata["file_index"] for task in tasks] == [0, 1]


def test_files_of_one_name_have_different_names_in_the_output(files):
    tasks = placed([FileGroupTask(data=[path]) for path in files])
    assert len({task._metadata["name"] for task in tasks}) == 3


def test_a_task_of_several_files_knows_each(files):
    [task] = placed([FileGroupTask(data=files, _metadata={"mine": 1})])
    assert len(task._metadata["names"]) == len(task._metadata["stamps"]) == 3
    assert task._metadata["mine"] == 1


def test_spans_of_one_file_have_one_place(files):
    spans = [(0, 7), (7, 14)]
    tasks = placed([FileGroupTask(data=files[:1], span=span) for span in spans])
    assert [(task._metadata["file_index"], task.span) for task in tasks] == [(0, s) for s in spans]


def test_a_task_that_was_listed_stays_as_it_is(files):
    tasks = FilePartitioner(file_paths=files).process(EmptyTask())
    assert all(mine is given for mine, given in zip(placed(tasks), tasks, strict=True))


def test_groups_that_were_listed_know_each_file(files):
    tasks = FilePartitioner(file_paths=files, files_per_partition=2).process(EmptyTask())
    first, second = placed(tasks)
    assert (len(first._metadata["names"]), second._metadata["file_index"]) == (2, 2)


def test_a_file_in_two_tasks_is_refused(files):
    with pytest.raises(InputError, match=r"x.jsonl is in two tasks; give each file once"):
        placed([FileGroupTask(data=files), FileGroupTask(data=files[:1])])


def test_a_task_without_files_is_refused(files):
    with pytest.raises(InputError, match="task 2 of 2 has no files"):
        placed([FileGroupTask(data=files), FileGroupTask()])


def test_a_folder_is_no_file(files, tmp_path):
    with pytest.raises(InputError, match="the tasks name 1 paths, which are 2 files"):
        placed([FileGroupTask(data=[str(tmp_path / "a")])])


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"gone\.jsonl"):
        placed([FileGroupTask(data=[str(tmp_path / "gone.jsonl")])])
