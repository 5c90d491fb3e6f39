"""What the page is made of."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_engine.errors import InputError
from curator_engine.items.page_data import MAX_ITEMS
from curator_video.clips.clip_table import CLIPS
from curator_video.report.data import gather


@pytest.fixture(scope="module")
def data(finished_run):
    return gather(str(finished_run))


def test_every_clip_is_on_the_sheet_or_the_sheet_is_full(data):
    assert len(data.items.sheet) == min(data.items.total, MAX_ITEMS)


def test_videos_have_their_clips_in_order(data, finished_run):
    assert [video.name for video in data.videos] == sorted(
        {row["video"] for row in CLIPS.read(str(finished_run)).to_pylist()}
    )
    for video in data.videos:
        starts = [row["start"] for row in video.clips]
        assert starts == sorted(starts)


def test_scores_have_the_limits_of_the_run(data):
    lines = {score.name: score.lines for score in data.items.scores}
    assert [line.in_force for line in lines["frame_difference"]] == [True]
    assert [line.in_force for line in lines["sharpness"]] == [False]


def test_what_is_in_quarantine_is_told(data):
    assert [each.what.rpartition("/")[2] for each in data.troubles] == ["broken.mp4"]


def test_duplicates_are_grouped_by_what_stays(own_run):
    ids = CLIPS.read(str(own_run)).column("uuid").to_pylist()[:3]
    rows = {"id": ids[1:], "kept_id": ids[:1] * 2, "group": [0, 0], "similarity": [0.9, 0.99]}
    pq.write_table(pa.table(rows), own_run / "duplicates.parquet")
    found = gather(str(own_run)).items
    assert found.duplicates == 2
    assert [row["uuid"] for row in found.groups[0].items] == [ids[0], ids[2], ids[1]]
    assert found.groups[0].similarities == [0.99, 0.9]


def test_a_folder_without_clips_is_refused(tmp_path):
    with pytest.raises(InputError):
        gather(str(tmp_path))
