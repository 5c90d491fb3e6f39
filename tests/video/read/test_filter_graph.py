from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from curator_video.read.filter_graph import filters_for

av: Any = pytest.importorskip("av")


def test_frames_go_through_all_filters_in_order():
    picture = np.zeros((8, 16, 3), np.uint8)
    picture[:, :4] = 255
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    graph = filters_for(frame, [("hflip", ""), ("transpose", "clock")], time_base=Fraction(1, 24))
    frame.pts = 0
    graph.vpush(frame)
    turned = graph.vpull().to_ndarray(format="rgb24")
    assert turned.shape == (16, 8, 3)
    assert (turned[12:] == 255).all()
    assert (turned[:12] == 0).all()
