"""High dynamic range: brought to the common one, kept in ten bits, or said."""

from typing import Any

import numpy as np
import pytest
from video.drawn_clips import cut, video_task
from video.media import draw_video

from curator_video.read.analyse import AnalyseVideo
from curator_video.read.tone_map import ToneMapper, tone_mapped, tone_mapped_picture
from curator_video.read.track import open_track

av: Any = pytest.importorskip("av")
PQ_WHITE, HLG_WHITE = 0.5807, 0.75
"""Signals of white paper, as ITU-R BT.2408 has them."""
HDR = "transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc"


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return draw_video(
        tmp_path_factory.mktemp("hdr") / "a.mp4",
        [(1, 12)],
        size=(96, 64),
        pixel_format="yuv420p10le",
        options={"x264-params": HDR},
    )


def curve_and_format(path):
    with av.open(str(path)) as file:
        frame = next(file.decode(video=0))
    return int(frame.color_trc), frame.format.name


@pytest.mark.parametrize(("curve", "white"), [("pq", PQ_WHITE), ("hlg", HLG_WHITE)])
def test_white_paper_is_bright_and_grey_stays_grey(curve, white):
    levels = np.linspace(0, 1, 20)[:, None].repeat(3, axis=1)
    made = tone_mapped(levels, curve)
    assert np.ptp(made, axis=1).max() < 0.001
    assert (np.diff(made[:, 0]) >= 0).all()
    assert 0.8 < tone_mapped(np.full((1, 3), white), curve)[0, 0] < 0.9
    assert made[0, 0] == 0
    assert made[-1, 0] == pytest.approx(1.0, abs=0.001)


def test_the_filter_gives_what_the_formula_gives(video):
    with av.open(str(video)) as file:
        frame = next(file.decode(video=0))
    made = ToneMapper("pq").map(frame).to_ndarray(format="rgb24")
    expected = tone_mapped_picture(frame.to_ndarray(format="rgb48le"), "pq")
    assert np.abs(made.astype(int) - expected).mean() < 6


def test_clips_and_stills_can_be_brought_to_the_common_range(video, tmp_path):
    task = video_task(video, (0, 12))
    stills = [open_track(task.data.track).stills[0].astype(int)]
    stage = AnalyseVideo(scratch=str(tmp_path / "scratch"), tone_map=True)
    stage.setup()
    task = stage.process(task)
    assert task is not None
    stills.append(open_track(task.data.track).stills[0].astype(int))
    (file,) = cut(task, tmp_path, tone_map=True)
    assert curve_and_format(file.path) == (1, "yuv420p")
    assert "hdr" not in task.data.notes
    with av.open(file.path) as clip:
        shown = next(clip.decode(video=0)).to_ndarray(format="rgb24")
    assert np.abs(shown - stills[1]).mean() < 8 < np.abs(stills[1] - stills[0]).mean()


def test_high_dynamic_range_in_eight_bits_is_said(video, tmp_path):
    task = video_task(video, (0, 12))
    (file,) = cut(task, tmp_path)
    assert curve_and_format(file.path) == (16, "yuv420p")
    assert "eight bits" in task.data.notes["hdr"]


def test_ten_bits_need_no_remark(video, tmp_path):
    task = video_task(video, (0, 12))
    (file,) = cut(task, tmp_path, ten_bit=True)
    assert curve_and_format(file.path) == (16, "yuv420p10le")
    assert "hdr" not in task.data.notes
