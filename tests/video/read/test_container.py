import os

import pytest
from PIL import Image
from video.media import draw_video
from video.patches import MATRICES, add_cover, patch_matrix

from curator_video.read.container import (
    MAX_PIXELS,
    NoFramesError,
    NotVideoError,
    Orientation,
    check_size,
    open_video,
    orientation_of,
    shown_shape,
)


def opened(path):
    with open_video(str(path)) as (container, stream):
        return container.format.name, stream.index, (stream.width, stream.height)


def refused(path):
    with pytest.raises(NotVideoError) as caught, open_video(str(path)):
        pass
    return str(caught.value)


def test_the_largest_picture_is_the_best_stream(tmp_path):
    path = draw_video(tmp_path / "a.mkv", [(1, 3)], small_stream=True)
    assert opened(path)[1:] == (1, (320, 180))


def test_a_stream_may_be_asked_for(tmp_path):
    path = draw_video(tmp_path / "a.mkv", [(1, 3)], small_stream=True)
    with open_video(str(path), stream=0) as (_, stream):
        assert stream.width == 80


def test_a_text_is_no_video(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("not a video\n" * 100, encoding="utf-8")
    assert "is not a video" in refused(path)


def test_an_empty_file_is_no_video(tmp_path):
    path = tmp_path / "a.mp4"
    path.touch()
    assert refused(path) == "is empty"


def test_a_picture_is_no_video(tmp_path):
    path = tmp_path / "a.mp4"
    Image.new("RGB", (64, 64)).save(path, format="png")
    assert "is not a video" in refused(path)


@pytest.mark.parametrize(
    "text",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{}\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{}'\n",
    ],
    ids=["play list", "script"],
)
def test_a_file_cannot_make_us_open_another(tmp_path, text):
    draw_video(tmp_path / "secret.mp4", [(1, 3)])
    path = tmp_path / "a.mp4"
    path.write_text(text.format(tmp_path / "secret.mp4"), encoding="utf-8")
    assert "is not a video" in refused(path)


def test_a_missing_file_is_said(tmp_path):
    assert refused(tmp_path / "a.mp4") == "is not a file"


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.mp4")
    assert refused(tmp_path / "a.mp4") == "is not a file"


def test_a_name_that_looks_like_a_protocol_is_a_name(tmp_path, monkeypatch):
    draw_video(tmp_path / "a.mp4", [(1, 3)]).rename(tmp_path / "concat:b.mp4")
    monkeypatch.chdir(tmp_path)
    assert opened("concat:b.mp4")[2] == (320, 180)


def test_sound_alone_has_no_video_stream(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 12)], video=False, audio=True)
    with pytest.raises(NoFramesError, match=r"no video stream \(only audio\)"):
        opened(path)


@pytest.mark.parametrize(("width", "height"), [(0, 10), (-5, 10), (MAX_PIXELS, 2)])
def test_absurd_sizes_are_refused(width, height):
    with pytest.raises(NotVideoError, match="pixels"):
        check_size(width, height)


@pytest.mark.parametrize(("matrix", "mirrored", "turn"), MATRICES)
def test_a_display_matrix_is_a_mirror_and_a_turn(tmp_path, matrix, mirrored, turn):
    path = patch_matrix(draw_video(tmp_path / "a.mp4", [(1, 1)], size=(64, 48)), matrix)
    with open_video(str(path)) as (container, stream):
        frame = next(container.decode(stream))
    assert orientation_of(frame) == Orientation(mirrored=mirrored, turn=turn)


def test_a_cover_that_is_larger_than_the_video_is_not_taken(tmp_path):
    path = draw_video(tmp_path / "a.mkv", [(1, 30)], size=(64, 48))
    assert opened(add_cover(path, tmp_path / "b.mkv", size=(640, 480)))[2] == (64, 48)


def test_pixels_that_are_not_square_are_stretched_never_squeezed():
    wide = shown_shape(320, 240, aspect=4 / 3, rotation=0)
    high = shown_shape(320, 240, aspect=0.5, rotation=90)
    assert (wide, high) == ((427, 240), (480, 320))
