"""Frames as an encoder takes them."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from video.drawn_clips import cut, video_task
from video.media import draw_video
from video.patches import MATRICES, patch_matrix, shown_as

from curator_video.clips.stills import Pictures, even_size
from curator_video.read.decode import open_decoder
from curator_video.read.track import open_track
from curator_video.task import VideoMetadata

av: Any = pytest.importorskip("av")


def pictures(width: int, height: int, **options) -> Pictures:
    rotation = options.pop("rotation", 0)
    return Pictures(
        metadata=VideoMetadata(width=width, height=height, rotation=rotation),
        encoder="libx264",
        quality=None,
        threads=1,
        ten_bit=False,
        rate=Fraction(24),
        time_base=Fraction(1, 24),
        **options,
    )


def frame_of(picture: np.ndarray) -> Any:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    frame.pts, frame.time_base = 0, Fraction(1, 24)
    return frame


def corner(shape: tuple[int, int]) -> np.ndarray:
    """White in the upper left quarter."""
    picture = np.zeros((*shape, 3), np.uint8)
    picture[: shape[0] // 2, : shape[1] // 2] = 255
    return picture


@pytest.mark.parametrize(
    ("rotation", "row", "column"), [(0, 0, 0), (90, 0, -1), (180, -1, -1), (270, -1, 0)]
)
def test_a_frame_is_turned_clockwise(rotation, row, column):
    size = (32, 16) if rotation % 180 == 0 else (16, 32)
    maker = pictures(*size, rotation=rotation)
    for _ in range(2):
        shown = maker.make(frame_of(corner((16, 32)))).to_ndarray(format="rgb24")
        assert shown.shape[:2] == size[::-1]
        assert shown[row, column].min() > 200
        assert shown[::15, ::15].min() < 50


def test_sizes_are_even_and_never_empty():
    odd, tiny = VideoMetadata(width=101, height=75), VideoMetadata(width=1, height=1)
    assert [even_size(odd), even_size(tiny)] == [(100, 74), (2, 2)]


def test_a_frame_that_changes_its_size_is_scaled_to_that_of_the_video():
    made = pictures(32, 16).make(frame_of(corner((32, 64))))
    assert (made.width, made.height, made.format.name) == (32, 16, "yuv420p")


def test_rgb_becomes_video_of_the_usual_range():
    made = pictures(32, 16).make(frame_of(np.full((16, 32, 3), 255, np.uint8)))
    assert np.frombuffer(made.planes[0], np.uint8)[0] == 235
    assert (int(made.colorspace), int(made.color_range)) == (1, 1)


@pytest.mark.parametrize("matrix", [each for each, _, _ in MATRICES])
@pytest.mark.parametrize("encoder", ["auto", "copy"])
def test_clip_and_track_are_shown_as_the_display_matrix_says(tmp_path, matrix, encoder):
    path = draw_video(tmp_path / "a.mp4", [(1, 6)], size=(64, 48))
    expected = shown_as(first_picture(path), matrix).astype(float)
    task = video_task(patch_matrix(path, matrix), (0, 6))
    (file,) = cut(task, tmp_path, encoder=encoder)
    still = open_track(task.data.track).stills[0]
    clip = next(open_decoder(file.path).frames()).rgb()
    assert np.abs(still - expected).mean() < 4
    assert np.abs(clip - expected).mean() < 8


def first_picture(path) -> np.ndarray:
    with av.open(str(path)) as file:
        return next(file.decode(video=0)).to_ndarray(format="rgb24")
