import numpy as np
import pytest
from video.thumbs import draw_thumbs

from curator_video.shots.changes import measure_changes
from curator_video.shots.transitions import cuts_of


@pytest.fixture(scope="module")
def found():
    return measure_changes(draw_thumbs([(1, 60)]))


def marked(**runs):
    answers = np.zeros(60, np.float32)
    for name, value in runs.items():
        start, end = map(int, name.strip("_").split("_"))
        answers[start:end] = value
    return answers


def test_a_hard_cut_is_the_frame_after_the_marked_one(found):
    [cut] = cuts_of(marked(_20_21=0.9), found, 0.4)
    assert (cut.frame, cut.kind) == (21, "hard")


def test_the_higher_of_two_marked_frames_is_the_last_of_the_old_shot(found):
    answers = marked(_20_21=0.5, _21_22=0.8)
    assert [cut.frame for cut in cuts_of(answers, found, 0.4)] == [22]


def test_a_run_of_marked_frames_is_gradual(found):
    [cut] = cuts_of(marked(_20_30=0.7), found, 0.4)
    assert (cut.kind, cut.start, cut.end) == ("dissolve", 21, 30)


def test_below_the_threshold_there_is_no_cut(found):
    assert cuts_of(marked(_20_21=0.39), found, 0.4) == []


def test_the_last_frame_marks_no_cut(found):
    assert cuts_of(marked(_59_60=0.9), found, 0.4) == []


def test_a_run_over_black_frames_is_a_fade():
    thumbs = draw_thumbs([(1, 60)])
    thumbs[24:27] = 0
    [cut] = cuts_of(marked(_20_30=0.7), measure_changes(thumbs), 0.4)
    assert cut.kind == "fade"
