"""Which time stamps are believed, and the times that frames get by them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from video import remux
from video.drawn_clips import frame_times
from video.media import draw_video, read_number

from curator_video.read.decode import open_decoder
from curator_video.read.probe import probe_video
from curator_video.read.time_stamps import Clock, are_doubtful, is_jump


def clock(**settings: Any) -> Clock:
    values: dict[str, Any] = {"stamps": "pts", "base": 0.1, "gap": 0.1, "most": 10.0}
    return Clock(**values | settings)


def times(values, **settings):
    own = clock(**settings)
    frames = [SimpleNamespace(pts=pts, dts=pts) for pts in values]
    return [round(own.time_of(frame), 5) for frame in frames], [p.frame for p in own.parts]


def test_times_begin_at_zero():
    assert times([20, 21, 23]) == ([0, 0.1, 0.3], [0])


def test_a_frame_without_a_stamp_follows_the_one_before():
    assert times([5, None, 7]) == ([0, 0.1, 0.2], [0])


@pytest.mark.parametrize("second", [0, 900])
def test_times_go_on_where_stamps_jump(second):
    found = times([50, 51, second, second + 1])
    assert found == (pytest.approx([0, 0.1, 0.2, 0.3]), [0, 2])


def test_a_stamp_that_is_a_little_late_is_no_jump():
    found, parts = times([0, 1, 2, 1, 3])
    assert (found, parts) == (pytest.approx([0, 0.1, 0.2, 0.2, 0.3], abs=1e-4), [0])


def test_by_the_rate_stamps_count_for_nothing():
    assert times([0, 0, 90, 3], stamps="rate")[0] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_one_second_back_is_a_jump():
    assert is_jump(-1.01, 10)
    assert not is_jump(-0.99, 10)


@pytest.mark.parametrize(
    ("pts", "reordered", "doubtful"),
    [
        ([0, 1, 2, 3], False, False),
        ([0, 4, 2, 1], True, False),
        ([0, 1, 2, 3], True, True),
        ([0, None, 2], False, True),
        ([0, 4, 4], False, True),
    ],
    ids=["plain", "B-frames", "B-frames that only rise", "missing", "twice"],
)
def test_packets_in_doubt(pts, reordered, doubtful):
    assert are_doubtful(pts, reordered=reordered) is doubtful


def believed(path):
    """The stamps that are believed, the frames' painted numbers, and their times in frames."""
    facts = probe_video(str(path)).metadata
    rate = facts.framerate if facts.stamps != "pts" else 0.0
    decoder = open_decoder(str(path), stamps=facts.stamps, rate=rate)
    frames = [(read_number(frame.rgb((48, 27))), frame.time) for frame in decoder.frames()]
    return facts.stamps, [n for n, _ in frames], [time * 24 for _, time in frames]


@pytest.mark.parametrize(
    ("make", "stamps"), [(remux.pts_as_dts, "dts"), (remux.untimed, "rate")], ids=["dts", "rate"]
)
def test_frames_are_evenly_timed_where_their_stamps_are_wrong(tmp_path, make, stamps):
    found, numbers, at = believed(make(tmp_path))
    assert (found, numbers) == (stamps, list(range(96)))
    assert at == pytest.approx(list(range(96)), abs=0.03)


def test_b_frames_in_avi_do_not_judder(tmp_path):
    path = draw_video(
        tmp_path / "a.avi", [(1, 48)], size=remux.SIZE, numbered=True, options=remux.B_FRAMES
    )
    stamps, numbers, at = believed(path)
    assert (stamps, numbers) == ("dts", list(range(48)))
    assert np.diff(at) == pytest.approx(np.ones(47), abs=0.05)
    shown = frame_times(str(path))
    assert sorted(shown) != shown


@pytest.mark.parametrize("options", [{"bf": "0"}, remux.B_FRAMES], ids=["none", "B-frames"])
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.ts"])
def test_stamps_of_showing_are_believed_where_they_are_right(tmp_path, name, options):
    path = draw_video(tmp_path / name, [(1, 24)], size=remux.SIZE, options=options)
    assert probe_video(str(path)).metadata.stamps == "pts"
