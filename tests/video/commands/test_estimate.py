"""What a run is expected to take."""

import pytest
from video.media import draw_video
from video.runs import SIZE, settings

from curator_engine.files.listing import list_files
from curator_video.commands.estimate import estimate


def guess(folder, **options):
    files = list_files([str(folder)], extensions=[".mp4"])
    return estimate(files, settings(folder, folder / "out"), **{"workers": 1, **options})


def test_lengths_are_added_up(tmp_path):
    for k in range(3):
        draw_video(tmp_path / f"{k}.mp4", [(k, 48)], size=SIZE)
    found = guess(tmp_path)
    assert found.videos == 3
    assert found.video_seconds == pytest.approx(6, rel=0.1)
    assert found.seconds > 0
    assert found.disk_bytes > 0
    assert found.to_dict()["times_real_time"] == pytest.approx(found.times_real_time, abs=0.01)


def test_files_that_are_no_videos_take_nothing(tmp_path):
    (tmp_path / "a.mp4").write_text("no video", encoding="utf-8")
    assert guess(tmp_path).video_seconds == 0


def test_more_workers_take_less_time(tmp_path):
    draw_video(tmp_path / "a.mp4", [(1, 480)], size=SIZE, gop=12)
    assert guess(tmp_path, workers=8).memory_bytes == 8 * guess(tmp_path).memory_bytes
