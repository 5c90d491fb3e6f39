from pathlib import Path

import pytest
from PIL import Image
from video.media import Shot, draw_video

from curator_engine.files.output_folder import take
from curator_engine.task import FileGroupTask
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.shots.write_shots import WriteShots


@pytest.fixture
def video(tmp_path):
    """A task with the track of a film of two shots."""
    shots = [Shot(seed=seed, frames=12, speed=0.5) for seed in (1, 2)]
    path = str(draw_video(tmp_path / "film.mp4", shots))
    scratch = str(tmp_path / "scratch")
    with take(scratch, job="scratch"):
        read = ReadVideo(scratch=scratch).process(FileGroupTask(data=[path]))
        assert read
        yield AnalyseVideo(scratch=scratch, motion=False).process(read)


def test_a_list_and_a_picture_are_written_and_the_track_goes(video, tmp_path):
    stage = WriteShots(
        output=str(tmp_path / "out"), names={video.data.path: "a"}, detector="adaptive"
    )
    stage.setup()
    task = stage.process(video)
    assert [Path(path).name for path in task.data] == ["a.csv", "a.png"]
    assert len(Path(task.data[0]).read_text(encoding="utf-8").splitlines()) == 3
    with Image.open(task.data[1]) as picture:
        assert picture.size[1] > 0
    assert not Path(video.data.track).exists()


def test_what_is_found_needs_no_folder(video):
    stage = WriteShots(output="", detector="adaptive")
    stage.setup()
    found = stage.find(video.data)
    assert [shot.start_frame for shot in found.shots] == [0, 12]
    assert found.text("csv").startswith("shot,start,end")
