"""What the packets of a file say of its frames."""

import numpy as np
import pytest
from video import remux
from video.drawn_clips import numbers
from video.media import draw_video

from curator_video.read.packets import index_packets
from curator_video.read.probe import probe_video


def test_the_index_is_in_the_order_of_showing(tmp_path):
    index = index_packets(str(draw_video(tmp_path / "a.mp4", [(1, 30)])))
    assert (index.times[1:] > index.times[:-1]).all()


@pytest.mark.parametrize("second", [600, 0])
def test_a_joined_file_has_the_frames_and_the_length_of_both(tmp_path, second):
    path = str(remux.joined(tmp_path, second=second))
    index = index_packets(path)
    assert (len(index.times), index.joints) == (120, [60])
    assert np.diff(index.times) == pytest.approx(np.full(119, 1 / 24), abs=1e-4)
    found = probe_video(path)
    assert found.metadata.duration == pytest.approx(5.0)
    assert "the time stamps jump after 2.500 s" in found.problems


def test_what_an_edit_list_hides_is_no_frame_and_no_problem(tmp_path):
    path = str(remux.edit_list(tmp_path))
    found = probe_video(path)
    assert numbers(path) == list(range(36, 96))
    assert found.metadata.num_frames == 60
    assert found.metadata.duration == pytest.approx(2.5)
    assert found.problems == []


def test_packets_without_time_stamps_are_frames(tmp_path):
    index = index_packets(str(remux.untimed(tmp_path)))
    assert (index.stamps, len(index.times)) == ("rate", 96)
    assert np.diff(index.times) == pytest.approx(np.full(95, 1 / 24))


def test_the_last_frame_has_its_own_length(tmp_path):
    index = index_packets(str(remux.long_last(tmp_path)))
    assert index.last_duration == pytest.approx(0.5)
