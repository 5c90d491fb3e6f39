"""What the page is made of."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError
from curator_video.clips.clip_table import read_clips
from curator_video.report.data import MAX_CLIPS, bare_reason, gather, state_of


@pytest.fixture(scope="module")
def data(finished_run):
    return gather(str(finished_run))


@pytest.mark.parametrize(
    ("reason", "bare"),
    [
        ("motion_global_mean 0.0003 < 0.00098", "motion_global_mean < 0.00098"),
        ("not sharpness > 0.2: sharpness is 0.1", "not sharpness > 0.2"),
        ("similarity 0.99 to x", "near-duplicate of another clip"),
        ("", ""),
    ],
)
def test_reasons_that_differ_in_a_number_count_together(reason, bare):
    assert bare_reason(reason) == bare


def test_every_clip_is_on_the_sheet_or_the_sheet_is_full(data):
    assert len(data.sheet) == min(data.clips, MAX_CLIPS)


def test_videos_have_their_clips_in_order(data, finished_run):
    assert [video.name for video in data.videos] == sorted(
        {row["video"] for row in read_clips(str(finished_run)).to_pylist()}
    )
    for video in data.videos:
        starts = [row["start"] for row in video.clips]
        assert starts == sorted(starts)


def test_scores_have_the_limits_of_the_run(data):
    lines = {score.name: score.lines for score in data.scores}
    assert [line.in_force for line in lines["frame_difference"]] == [True]
    assert [line.in_force for line in lines["sharpness"]] == [False]


def test_what_is_in_quarantine_is_told(data):
    assert [each.what.rpartition("/")[2] for each in data.troubles] == ["broken.mp4"]


def test_duplicates_are_grouped_by_what_stays(own_run):
    ids = read_clips(str(own_run)).column("uuid").to_pylist()[:3]
    rows = {"id": ids[1:], "kept_id": ids[:1] * 2, "group": [0, 0], "similarity": [0.9, 0.99]}
    pq.write_table(pa.table(rows), own_run / "duplicates.parquet")
    found = gather(str(own_run))
    assert found.duplicates == 2
    assert [row["uuid"] for row in found.groups[0].clips] == [ids[0], ids[2], ids[1]]
    assert found.groups[0].similarities == [0.99, 0.9]


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"keep": False, "errors": ["x"], "path": None}, "dropped"),
        ({"keep": True, "errors": ["x"], "path": "a"}, "failed"),
        ({"keep": True, "errors": [], "path": None}, "failed"),
        ({"keep": True, "errors": [], "path": "a"}, "kept"),
    ],
)
def test_what_became_of_a_clip(row, state):
    assert state_of(row) == state


def test_a_folder_without_clips_is_refused(tmp_path):
    with pytest.raises(InputError):
        gather(str(tmp_path))
