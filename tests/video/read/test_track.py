import json

import numpy as np
import pytest
from video.media import draw_video

from curator_video.read.analyse import AnalyseVideo
from curator_video.read.track import Track, open_track
from curator_video.task import Video, VideoTask


def track(times, still_frames, end):
    return Track(
        damaged=np.zeros(len(times), np.bool_),
        missing=np.zeros(0),
        sizes=[(0, 160, 90)],
        folder="",
        times=np.array(times, float),
        keys=np.ones(len(times), bool),
        thumbs=np.zeros((len(times), 27, 48, 3), np.uint8),
        stills=np.zeros((len(still_frames), 9, 16, 3), np.uint8),
        still_frames=np.array(still_frames, np.int64),
        motion=np.zeros((len(still_frames), 8, 8), np.float32),
        measures={},
        end=end,
    )


UNEVEN = track([0, 0.1, 0.5, 0.6, 1.0], [0, 2, 4], 1.1)


@pytest.mark.parametrize(
    ("seconds", "frame"), [(-1, 0), (0, 0), (0.09, 0), (0.1, 1), (0.49, 1), (0.5, 2), (9, 4)]
)
def test_the_frame_that_is_shown_at_a_time(seconds, frame):
    assert UNEVEN.frame_at(seconds) == frame


@pytest.mark.parametrize(("frame", "seconds"), [(0, 0.0), (2, 0.5), (4, 1.0), (5, 1.1)])
def test_the_time_of_a_frame_and_of_the_end(frame, seconds):
    assert UNEVEN.time_of(frame) == seconds


@pytest.mark.parametrize(
    ("frames", "stills"),
    [((0, 5), [0, 1, 2]), ((0, 2), [0]), ((1, 4), [1]), ((3, 4), [2]), ((1, 2), [1])],
)
def test_stills_within_frames(frames, stills):
    assert list(range(3))[UNEVEN.stills_within(frames)] == stills


def test_a_folder_without_a_track_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_track(str(tmp_path))


def test_a_track_that_lacks_an_array_is_an_error(tmp_path):
    facts = json.dumps({"end": 1.0, "error": ""})
    (tmp_path / "track.json").write_text(facts, encoding="utf-8")
    with pytest.raises(FileNotFoundError):
        open_track(str(tmp_path))


def test_pictures_can_be_read_again_after_their_memory_is_released(tmp_path):
    video = draw_video(tmp_path / "a.mp4", [(1, 24)])
    stage = AnalyseVideo(scratch=str(tmp_path / "scratch"))
    task = stage.process(VideoTask(data=Video(path=str(video))))
    opened = open_track(task.data.track)
    before = opened.stills.copy(), opened.thumbs.copy()
    opened.release()
    assert np.array_equal(before[0], opened.stills)
    assert np.array_equal(before[1], opened.thumbs)
