"""The names of the files that we made in a folder."""

import subprocess
import sys
from pathlib import Path

import pytest
from files_of_others import put

from curator_engine.errors import StorageError
from curator_engine.files import manifest
from curator_engine.files.output_folder import take
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    list_names,
    read_bytes,
    remove,
    remove_tree,
    remove_unfinished,
    write_atomic,
)

_PUT = """
import sys
from curator_engine.files.storage import write_atomic
for name in sys.argv[1:]:
    write_atomic(name, b"ours")
"""


def test_what_another_process_wrote_is_ours(out):
    with take(out, job="toy"):
        subprocess.run([sys.executable, "-c", _PUT, join(out, "x.txt")], check=True)
        assert manifest.is_made(join(out, "x.txt"))
        remove(join(out, "x.txt"))
    assert not exists(join(out, "x.txt"))


def test_a_name_whose_file_is_gone_is_not_ours_any_more(out):
    with take(out, job="toy"):
        write_atomic(join(out, "x.txt"), b"ours")
        write_atomic(join(out, "y.txt"), b"ours")
        remove(join(out, "x.txt"))
    put(join(out, "x.txt"))
    with take(out, job="toy", mode="overwrite"):
        assert read_bytes(join(out, "x.txt")) == b"theirs"


def test_half_files_of_ours_are_removed_and_those_of_others_stay(tmp_path):
    out = str(tmp_path)
    with take(out, job="toy"):
        write_atomic(f"{out}/a.txt", b"ours")
        put(f"{out}/a.txt.7.curator.tmp")
        put(f"{out}/b.txt.7.curator.tmp")
        remove_unfinished(out)
    assert list_names(out) == ["a.txt", "b.txt.7.curator.tmp"]


def test_a_line_that_a_full_disk_cut_off_names_no_file(tmp_path):
    out = str(tmp_path)
    with take(out, job="toy"):
        write_atomic(f"{out}/a.txt", b"ours")
        (made,) = Path(out, ".curator", "made").iterdir()
        with made.open("ab") as file:
            file.write(b'\n"b.tx')
        write_atomic(f"{out}/c.txt", b"ours")
        assert [each.rpartition("/")[2] for each in manifest.made_below(out)] == ["a.txt", "c.txt"]


def test_names_of_any_bytes_are_kept(tmp_path):
    out, name = str(tmp_path), 'a\nb"\udcff.txt'
    with take(out, job="toy"):
        write_atomic(f"{out}/{name}", b"ours")
    take(out, job="toy", mode="overwrite").close()
    assert list_names(out) == []


def test_a_folder_that_is_ours_as_a_whole_goes_as_a_whole(tmp_path):
    out = str(tmp_path / "out")
    with take(out, job="toy"):
        manifest.note_folder(f"{out}/scratch")
        put(f"{out}/scratch/deep/x", b"ours")
        remove_tree(f"{out}/scratch")
    assert not exists(f"{out}/scratch")


def test_a_folder_of_others_is_not_taken_for_scratch_space(tmp_path):
    out = str(tmp_path / "out")
    put(f"{out}/scratch/x")
    with take(out, job="toy", mode="share"), pytest.raises(StorageError, match="was not made"):
        manifest.note_folder(f"{out}/scratch")
