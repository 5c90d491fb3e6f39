import pytest
from audio.runs import lines_of

from curator_audio.pipelines.segment_workflow import find_recordings, list_of_run
from curator_engine.errors import InputError


def test_the_folder_of_a_run_stands_for_its_kept_segments(finished_segments):
    assert list_of_run(str(finished_segments)) == f"{finished_segments}/manifest.jsonl"
    [found] = find_recordings([str(finished_segments)]).files
    assert found.path == f"{finished_segments}/manifest.jsonl"
    assert len(lines_of(finished_segments / "manifest.jsonl")) == 4


def test_other_folders_stand_for_themselves(tmp_path):
    assert list_of_run(str(tmp_path)) == str(tmp_path)
    with pytest.raises(InputError):
        find_recordings([str(tmp_path)])
