"""An output folder is ours, or it is not touched."""

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from files_of_others import put

from curator_engine.errors import InputError, StorageError
from curator_engine.files.earlier import earlier_run
from curator_engine.files.manifest import made_in, read_marker
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    list_names,
    read_bytes,
    remove,
    remove_tree,
    write_atomic,
)


def run_once(out, **options):
    with take(out, job="toy", **options) as folder:
        write_atomic(join(out, "data", "a.txt"), b"ours")
        write_atomic(join(out, "run.json"), b"{}")
    return folder


def test_a_new_folder_is_ours(out):
    assert run_once(out).is_new
    assert read_marker(out) is not None


def test_a_folder_of_others_is_refused_in_every_mode(out):
    put(join(out, "diary.txt"))
    for mode in ("new", "resume", "overwrite", "continue"):
        with pytest.raises(InputError, match="nothing in it is touched"):
            take(out, job="toy", mode=mode)
    assert read_bytes(join(out, "diary.txt")) == b"theirs"
    assert read_marker(out) is None


def test_a_result_is_not_overwritten_unasked(out):
    run_once(out)
    with pytest.raises(InputError, match="--resume to go on, --overwrite to replace"):
        take(out, job="toy", mode="new")


def test_overwriting_removes_what_we_made_and_nothing_else(out):
    run_once(out)
    put(join(out, "data", "theirs.txt"))
    with take(out, job="toy", mode="overwrite") as folder:
        assert list_names(join(out, "data")) == ["theirs.txt"]
        assert not exists(join(out, "run.json"))
    assert "1 file in" in folder.said[0]
    assert "data/theirs.txt" in folder.said[0]


def test_a_file_of_others_is_never_written_over(out):
    run_once(out)
    put(join(out, "data", "b.txt"))
    with (
        take(out, job="toy", mode="resume"),
        pytest.raises(StorageError, match="was not made by a run"),
    ):
        write_atomic(join(out, "data", "b.txt"), b"ours")
    assert read_bytes(join(out, "data", "b.txt")) == b"theirs"


def test_a_file_of_ours_may_be_written_again(out):
    run_once(out)
    with take(out, job="toy", mode="resume"):
        write_atomic(join(out, "data", "a.txt"), b"new")
    assert read_bytes(join(out, "data", "a.txt")) == b"new"


def test_a_file_of_others_is_never_removed(out):
    run_once(out)
    put(join(out, "data", "b.txt"))
    with take(out, job="toy", mode="resume"):
        remove(join(out, "data", "b.txt"))
        remove_tree(out)
    assert read_bytes(join(out, "data", "b.txt")) == b"theirs"


def test_nothing_is_removed_outside_of_our_folders(out):
    put(join(out, "x.txt"))
    for go in (remove, remove_tree):
        with pytest.raises(StorageError, match="no folder of ours"):
            go(join(out, "x.txt"))


def test_the_folder_of_another_job_is_no_folder_to_go_on_in(out):
    run_once(out)
    with pytest.raises(InputError, match=r"another job \(toy\)"):
        take(out, job="other", mode="resume")


def test_another_job_may_replace_a_result_and_says_so(out):
    run_once(out)
    with take(out, job="other", mode="overwrite") as folder:
        assert folder.said == [f"the result of toy in {out} is replaced"]


def test_a_shared_folder_keeps_what_is_there(out):
    put(join(out, "theirs.txt"))
    with take(out, job="toy", mode="share"):
        write_atomic(join(out, "ours.txt"), b"ours")
        with pytest.raises(StorageError, match="was not made by a run"):
            write_atomic(join(out, "theirs.txt"), b"ours")
    assert list_names(out) == ["ours.txt", "theirs.txt"]


def test_of_a_shared_folder_what_is_gone_is_not_ours_any_more(tmp_path):
    out = str(tmp_path / "out")
    with take(out, job="toy", mode="share"):
        write_atomic(join(out, "x.txt"), b"ours")
        write_atomic(join(out, "y.txt"), b"ours")
    Path(out, "x.txt").unlink()
    take(out, job="toy", mode="share").close()
    put(join(out, "x.txt"))
    with take(out, job="toy", mode="share"):
        write_atomic(join(out, "y.txt"), b"again")
        with pytest.raises(StorageError, match="was not made by a run"):
            write_atomic(join(out, "x.txt"), b"again")


SHARER = """
import sys
from curator_engine.files.output_folder import take
from curator_engine.files.storage import open_atomic

with take(sys.argv[1], job="toy", mode="share"), open_atomic(f"{sys.argv[1]}/theirs.txt"):
    print("begun", flush=True)
    input()
"""


def test_who_leaves_a_shared_folder_forgets_nothing_of_those_who_stay(tmp_path):
    out = str(tmp_path / "out")
    command = [sys.executable, "-c", SHARER, out]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with take(out, job="toy", mode="share"):
            write_atomic(join(out, "mine.txt"), b"")
        other.communicate(b"\n")
    names = [Path(path).name for path in made_in(out)]
    assert names == ["mine.txt", "theirs.txt"]


def test_a_folder_is_taken_once_more_by_who_has_it(out):
    with take(out, job="toy"), take(join(out, "below"), job="inner") as inner:
        assert inner.path == out


def test_another_thread_is_kept_out(out):
    errors = []

    def other():
        try:
            take(out, job="toy").close()
        except InputError as error:
            errors.append(str(error))

    with take(out, job="toy"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert "another run" in errors[0]


def test_another_process_is_kept_out(out):
    code = "import sys; from curator_engine.files.output_folder import take; take(sys.argv[1], job='toy')"
    with take(out, job="toy"):
        words = [sys.executable, "-c", code, out]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert "another run, process" in done.stderr


def test_a_folder_that_was_given_back_may_be_taken(out):
    run_once(out)
    with take(out, job="toy", mode="resume") as folder:
        assert not folder.is_new


@pytest.mark.parametrize(
    ("output", "inputs"),
    [
        ("proj", ["proj/data/a.txt"]),
        ("proj", ["proj/data"]),
        ("proj/data/out", ["proj/data"]),
        ("link", ["proj/data/a.txt"]),
        ("proj", ["linked.txt"]),
        ("proj", ["linkdata/a.txt"]),
        ("proj/data", ["proj/data"]),
    ],
)
def test_input_and_output_never_overlap(tmp_path, output, inputs):
    put(f"{tmp_path}/proj/data/a.txt")
    Path(tmp_path, "link").symlink_to("proj")
    Path(tmp_path, "linked.txt").symlink_to("proj/data/a.txt")
    Path(tmp_path, "linkdata").symlink_to("proj/data")
    with pytest.raises(InputError, match="overlap"):
        take(f"{tmp_path}/{output}", job="toy", inputs=[f"{tmp_path}/{each}" for each in inputs])


def test_a_remote_input_and_output_never_overlap(bucket, tmp_path):
    base = f"{bucket}/{tmp_path.name}"
    put(f"{base}/data/a.txt")
    with pytest.raises(InputError, match="overlap"):
        take(base, job="toy", inputs=[f"{base}/data/a.txt"])
    with pytest.raises(InputError, match="overlap"):
        take(f"{base}/data/out/", job="toy", inputs=[f"{base}/data/"])


def test_a_neighbour_is_no_overlap(tmp_path):
    put(f"{tmp_path}/data/a.txt")
    take(f"{tmp_path}/data-out", job="toy", inputs=[f"{tmp_path}/data"]).close()


def test_a_linked_output_is_emptied_where_it_is(tmp_path):
    real, link = str(tmp_path / "real"), tmp_path / "link"
    run_once(real)
    link.symlink_to("real")
    take(str(link), job="toy", mode="overwrite").close()
    assert link.is_symlink()
    assert not exists(f"{real}/data")


def adopt(folder):
    return earlier_run(folder, ["data/.*"])


def test_a_folder_of_an_earlier_version_is_adopted(tmp_path):
    out = str(tmp_path)
    put(
        f"{out}/run.json", json.dumps({"job": "toy", "version": "0.0.9", "status": "done"}).encode()
    )
    put(f"{out}/data/a.txt")
    put(f"{out}/diary.txt")
    with take(out, job="toy", mode="overwrite", adopt=adopt) as folder:
        assert "version 0.0.9" in folder.said[0]
    assert list_names(out) == ["diary.txt"]
    assert not exists(f"{out}/data")


def test_another_programs_run_json_makes_no_folder_ours(tmp_path):
    put(f"{tmp_path}/run.json", b'{"name": "theirs"}')
    with pytest.raises(InputError, match="nothing in it is touched"):
        take(str(tmp_path), job="toy", mode="overwrite", adopt=adopt)


def test_a_run_that_made_nothing_leaves_no_folder(tmp_path):
    take(str(tmp_path / "out"), job="toy").close()
    assert not (tmp_path / "out").exists()
