"""Where the stages of a pipeline keep what lies between them."""

from pathlib import Path

from curator_video.stages.scratch import VARIABLE, scratch_folder


def test_it_is_one_folder_of_this_process_that_no_one_else_may_read(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    folder = scratch_folder()
    assert scratch_folder() == folder
    assert Path(folder).stat().st_mode & 0o077 == 0


def test_the_environment_names_another(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "shared"))
    assert scratch_folder() == str(tmp_path / "shared")
