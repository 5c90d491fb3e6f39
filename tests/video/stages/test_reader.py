"""Videos are listed and looked at."""

import pytest
from video.media import draw_video

from curator_engine.errors import InputError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_video.stages.reader import VideoReader


def read(**given):
    return Pipeline("read", stages=[VideoReader(**given)]).run(LocalExecutor())


def test_videos_of_folders_are_read_in_order_up_to_the_limit(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("a.mp4", "b/c.mp4", "d.mp4"):
        draw_video(tmp_path / name, [(1, 12)], size=(64, 36))
    (tmp_path / "notes.txt").write_text("no video", encoding="utf-8")
    tasks = read(input_video_path=str(tmp_path), video_limit=2)
    assert [task.data.relative_path for task in tasks] == ["a.mp4", "b/c.mp4"]
    assert (tasks[0].data.metadata.width, tasks[0].data.metadata.framerate) == (64, 24)


def test_a_folder_without_videos_is_an_input_error(tmp_path):
    (tmp_path / "notes.txt").write_text("no video", encoding="utf-8")
    with pytest.raises(InputError, match="video"):
        read(input_video_path=str(tmp_path))
