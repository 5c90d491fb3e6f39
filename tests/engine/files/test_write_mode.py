"""What a writer does about a folder that holds something."""

from pathlib import Path

import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic
from curator_engine.files.write_mode import check_mode, clear


@pytest.fixture
def written(tmp):
    """A folder with a file of ours."""
    folder = f"{tmp}/out"
    with take(folder, job="test", mode="share"):
        write_atomic(f"{folder}/ours.jsonl", b"1\n")
    return folder


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir() if path.name != ".curator")


def test_overwrite_removes_what_we_wrote(written):
    clear(written, "overwrite", job="next")
    assert not Path(written).exists() or names(written) == []


def test_overwrite_refuses_a_folder_with_a_file_of_others_and_removes_nothing(written):
    Path(written, "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match=r"holds mine\.txt, which we did not write") as caught:
        clear(written, "overwrite", job="next")
    assert "\n" not in str(caught.value)
    assert names(written) == ["mine.txt", "ours.jsonl"]


def test_overwrite_refuses_a_folder_that_was_never_ours(tmp):
    Path(tmp, "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="is not the folder of a run"):
        clear(tmp, "overwrite", job="next")
    assert names(tmp) == ["mine.txt"]


def test_overwrite_of_nothing_makes_nothing(tmp):
    clear(f"{tmp}/new", "overwrite", job="next")
    assert not Path(tmp, "new").exists()


@pytest.mark.parametrize("mode", ["ignore", "append"])
def test_other_modes_leave_all(written, mode):
    clear(written, mode, job="next")
    assert names(written) == ["ours.jsonl"]


def test_error_refuses_a_folder_that_is_not_empty(written):
    with pytest.raises(InputError, match="is not empty; use mode='overwrite'"):
        clear(written, "error", job="next")


def test_an_unknown_mode_is_an_error_that_names_all():
    with pytest.raises(SettingsError, match="'w' is not one of ignore, overwrite, append, error"):
        check_mode("w")
