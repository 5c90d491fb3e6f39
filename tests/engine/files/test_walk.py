"""Walking folders: links, circles, and what is no input."""

import inspect
import json
import os
import pathlib
import sys

import pytest

from curator_engine.errors import InputError
from curator_engine.files.listing import find_files
from curator_engine.files.storage import write_atomic


@pytest.fixture
def folder(tmp):
    write_atomic(f"{tmp}/in/a.jsonl", b"{}")
    write_atomic(f"{tmp}/in/b/c.jsonl", b"{}")
    return f"{tmp}/in"


def listed(*inputs, **options):
    return find_files(list(inputs), extensions=[".jsonl"], **options)


def names(*inputs):
    return [file.name for file in listed(*inputs).files]


def test_linked_folders_and_files_are_read(tmp, folder):
    pathlib.Path(f"{tmp}/link").symlink_to(folder)
    pathlib.Path(f"{tmp}/d.jsonl").symlink_to(f"{folder}/a.jsonl")
    assert names(tmp, f"{tmp}/d.jsonl") == ["d.jsonl", "in/b/c.jsonl"]
    assert names(f"{tmp}/link") == ["a.jsonl", "b/c.jsonl"]


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_file_that_is_reached_twice_is_read_once_under_its_first_name(folder, link):
    link(f"{folder}/b/c.jsonl", f"{folder}/_c.jsonl")
    found = listed(folder)
    assert [file.name for file in found.files] == ["_c.jsonl", "a.jsonl"]
    assert found.note == "passed over: 1 named twice"


def test_a_file_behind_a_link_a_glob_and_a_folder_is_one(tmp, folder):
    pathlib.Path(f"{tmp}/link").symlink_to(folder)
    found = listed(f"{folder}/a.jsonl", folder, f"{tmp}/link", f"{folder}/**/*.jsonl")
    assert [file.name for file in found.files] == ["a.jsonl", "b/c.jsonl"]
    assert found.passed_over == {"named twice": 1 + 2 + 2}


def test_circles_and_broken_links_are_said_once(folder):
    pathlib.Path(f"{folder}/b/up").symlink_to(folder)
    pathlib.Path(f"{folder}/gone.jsonl").symlink_to("nowhere")
    pathlib.Path(f"{folder}/self.jsonl").symlink_to("self.jsonl")
    found = listed(folder)
    assert [file.name for file in found.files] == ["a.jsonl", "b/c.jsonl"]
    assert found.passed_over == {"linked to nothing": 2, "linked in a circle": 1}


def test_a_thicket_of_links_is_walked_once(tmp):
    for k in range(20):
        pathlib.Path(f"{tmp}/{k}").mkdir(parents=True)
        for name in ("x", "y", "z"):
            pathlib.Path(f"{tmp}/{k}/{name}").symlink_to(f"../{k + 1}")
    write_atomic(f"{tmp}/20/a.jsonl", b"{}")
    assert names(f"{tmp}/0") == ["/".join(["x"] * 20) + "/a.jsonl"]


def test_folders_may_lie_deeper_in_each_other_than_functions(tmp):
    deep = f"{tmp}/{'d/' * 300}"
    pathlib.Path(deep).mkdir(parents=True)
    pathlib.Path(f"{deep}a.jsonl").touch()
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack()) + 100)
    try:
        assert len(names(tmp)) == 1
    finally:
        sys.setrecursionlimit(limit)


def test_the_order_is_that_of_the_paths_bytes(tmp):
    for name in ("a/x.jsonl", "a.jsonl", "a!.jsonl", "ä.jsonl", "b.jsonl", "B.jsonl"):
        write_atomic(f"{tmp}/{name}", b"{}")
    found = [file.path for file in listed(tmp).files]
    assert found == sorted(found, key=os.fsencode)


def test_what_spark_and_hidden_folders_hold_is_passed_over(folder):
    for name in ("_temporary/0/d.jsonl", "_SUCCESS", ".git/e.jsonl", ".f.jsonl"):
        write_atomic(f"{folder}/{name}", b"{}")
    found = listed(folder)
    assert [file.name for file in found.files] == ["a.jsonl", "b/c.jsonl"]
    assert found.passed_over == {"hidden": 2, "of Spark's own": 2}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (".curator/marker.json", b"{}"),
        ("run.json", json.dumps({"job": "fuzzy", "version": "1", "status": "done"}).encode()),
    ],
    ids=["marked", "of an older version"],
)
def test_a_result_of_ours_inside_an_input_is_passed_over(folder, name, data):
    write_atomic(f"{folder}/out/data/a.jsonl", b"{}")
    write_atomic(f"{folder}/out/{name}", data)
    for argument in (folder, f"{folder}/**/*.jsonl"):
        found = listed(argument)
        assert [file.name for file in found.files] == ["a.jsonl", "b/c.jsonl"]
        assert found.passed_over == {"results of runs": 1}
    assert names(f"{folder}/out/data/*.jsonl") == ["a.jsonl"]
    assert names(f"{folder}/out/data") == ["a.jsonl"]


def test_a_record_of_another_program_is_no_result_of_ours(folder):
    write_atomic(f"{folder}/run.json", b'{"job": 1}')
    write_atomic(f"{folder}/b/run.json", b"not json")
    assert names(folder) == ["a.jsonl", "b/c.jsonl"]


def test_the_same_is_passed_over_on_an_object_store(bucket, tmp_path):
    root = f"{bucket}/{tmp_path.name}-walk"
    for name in ("a.jsonl", ".b.jsonl", "_temporary/c.jsonl", "out/data/d.jsonl", "e.txt"):
        write_atomic(f"{root}/{name}", b"{}")
    write_atomic(f"{root}/out/.curator/marker.json", b"{}")
    found = listed(root, f"{root}/a.jsonl", f"{root}/a*.jsonl")
    assert [file.name for file in found.files] == ["a.jsonl"]
    assert found.passed_over == {
        ".txt": 1,
        "named twice": 2,
        "hidden": 1,
        "of Spark's own": 1,
        "results of runs": 1,
    }


@pytest.mark.parametrize(
    "make", [os.mkfifo, lambda path: pathlib.Path(path).symlink_to("/dev/null")]
)
def test_a_pipe_is_refused_before_work_and_passed_over_in_a_folder(folder, make):
    make(f"{folder}/pipe.jsonl")
    with pytest.raises(InputError, match=r"pipe.jsonl is no file but a stream.*write it to a file"):
        listed(f"{folder}/pipe.jsonl")
    assert listed(folder).passed_over == {"no regular files": 1}


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_standard_input_is_refused_before_work(name):
    with pytest.raises(InputError, match=f"^{name} is no file but a stream"):
        listed(name)


def test_the_scheme_of_local_files_makes_no_difference(folder):
    found = listed(f"file://{folder}", f"{folder}/a.jsonl")
    assert [file.path for file in found.files] == [f"{folder}/a.jsonl", f"{folder}/b/c.jsonl"]
