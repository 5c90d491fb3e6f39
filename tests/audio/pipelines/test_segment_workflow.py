import pyarrow as pa
import pytest
from audio.runs import lines_of

from curator_audio.pipelines.segment_workflow import find_recordings, list_of_run, not_judged
from curator_audio.settings import CurateSettings
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


def test_limits_on_what_segments_lack_are_said():
    recipe = CurateSettings(
        inputs=["in"], output="out", transcribe="draft", max_wer=0.5, min_snr=1.0, limits="usual"
    )
    rows = [{"keep": keep, "wer": wer} for keep, wer in [(True, 0.1), (True, None), (False, None)]]
    judged = {limit.score: 1.0 for limit in recipe.score_limits() if limit.score != "wer"}
    table = pa.Table.from_pylist([{**judged, **row} for row in rows])
    assert not_judged(recipe, table) == ["1 of 2 kept segments without wer are not judged by it"]
