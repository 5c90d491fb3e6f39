from typing import Any

import numpy as np
import pytest
from video.media import Shot, cut_off, draw_video, fast_start, read_number

from curator_video.read.container import NoFramesError, NotVideoError
from curator_video.read.decode import motion_grid, open_decoder

KINDS: dict[str, dict[str, Any]] = {
    "h264.mp4": {},
    "h264.ts": {},
    "h264.mkv": {},
    "mpeg4.avi": {"codec": "mpeg4"},
    "vp8.webm": {"codec": "libvpx"},
    "vp9.webm": {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime"}},
    "hevc.mp4": {"codec": "libx265", "options": {"x265-params": "log-level=none"}},
    "mjpeg.mov": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
    "10bit.mp4": {"pixel_format": "yuv420p10le"},
    "turned.mp4": {"rotation": 90},
    "upside_down.mp4": {"rotation": 180},
    "varying.mp4": {"times": (np.arange(130) ** 1.1 / 24).tolist()},
    "two streams.mkv": {"small_stream": True},
}


@pytest.fixture(scope="module", params=KINDS)
def numbered(request, tmp_path_factory):
    """A video of 130 frames that show their numbers, of each kind."""
    path = tmp_path_factory.mktemp("numbered") / request.param
    return draw_video(path, [(1, 70), (2, 60)], numbered=True, **KINDS[request.param])


@pytest.fixture
def plain(tmp_path):
    return draw_video(tmp_path / "a.mp4", [(1, 60)], numbered=True)


def numbers(frames):
    return [(frame.number, read_number(frame.rgb((48, 27)))) for frame in frames]


def same(wanted):
    return [(number, number) for number in wanted]


def test_all_frames_come_in_order(numbered):
    assert numbers(open_decoder(str(numbered)).frames()) == same(range(130))


def test_frames_by_number(numbered):
    wanted = [0, 1, 129, 64, 100, 101, 20]
    assert numbers(open_decoder(str(numbered)).at_numbers(wanted)) == same(wanted)


def test_frames_by_time_are_those_that_are_shown_then(numbered):
    times = [frame.time for frame in open_decoder(str(numbered)).frames()]
    wanted = [3, 50, 120, 70]
    late = [times[number] + 0.004 for number in wanted]
    found = [read_number(frame.rgb()) for frame in open_decoder(str(numbered)).at_times(late)]
    assert found == wanted


def test_times_are_those_of_the_file(tmp_path):
    times = [0, 0.1, 0.5, 0.6, 1.0, 1.1]
    path = draw_video(tmp_path / "a.mp4", [(1, 6)], times=times)
    found = [frame.time for frame in open_decoder(str(path)).frames()]
    assert found == pytest.approx(times)


def test_times_begin_at_zero_wherever_the_file_begins(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 3)], times=[2, 2.5, 3])
    frames = open_decoder(str(path)).frames()
    assert [frame.time for frame in frames] == pytest.approx([0, 0.5, 1])


def test_after_the_end_it_is_the_last_frame(plain):
    assert [read_number(each.rgb()) for each in open_decoder(str(plain)).at_times([99.0])] == [59]


def test_a_number_that_is_not_there_is_an_error(plain):
    with pytest.raises(NoFramesError, match="no frame 60; it has 60"):
        list(open_decoder(str(plain)).at_numbers([60]))


def test_key_frames_are_marked(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 30)], gop=10, options={"x264-params": "scenecut=0"})
    keys = [frame.number for frame in open_decoder(str(path)).frames() if frame.key]
    assert keys == [0, 10, 20]


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv420p10le", "yuv444p"])
def test_luma_has_eight_bits_and_the_full_size(tmp_path, pixel_format):
    path = draw_video(
        tmp_path / "a.mp4", [(1, 3)], size=(326, 182), numbered=True, pixel_format=pixel_format
    )
    luma = [frame.luma().copy() for frame in open_decoder(str(path)).frames()]
    assert [(each.shape, read_number(each)) for each in luma] == [((182, 326), n) for n in range(3)]


def test_stored_pictures_of_a_turned_video_lie_on_their_side(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 2)], rotation=90)
    frame = next(open_decoder(str(path)).frames())
    assert (frame.luma().shape, frame.rgb().shape) == ((320, 180), (180, 320, 3))


def test_a_moving_video_has_motion_and_a_still_one_has_none(tmp_path):
    means = []
    for speed in (0.0, 4.0):
        path = draw_video(tmp_path / "a.mp4", [Shot(seed=1, frames=24, speed=speed)])
        grids = [frame.motion() for frame in open_decoder(str(path)).frames(motion=True)]
        means.append(np.mean([grid for grid in grids if grid is not None]))
    # About four pixels a frame, of 500 for height and width together, over references that are
    # up to some frames apart.
    assert means[0] < 0.0005
    assert 0.004 < means[1] < 0.04


def test_motion_is_turned_with_the_picture(tmp_path):
    vectors = np.zeros(
        1,
        dtype=[
            (name, np.int32)
            for name in ("dst_x", "dst_y", "w", "h", "motion_x", "motion_y", "motion_scale")
        ],
    )
    vectors[0] = (310, 4, 16, 16, 12, 16, 4)
    grid = motion_grid(vectors, 320, 180)
    assert (np.argwhere(grid).tolist(), grid[0, 7]) == ([[0, 7]], pytest.approx(5 / 500))


def test_there_is_no_motion_unless_asked_for(plain):
    assert all(frame.motion() is None for frame in open_decoder(str(plain)).frames())


def test_a_cut_off_file_gives_what_is_there_and_says_so(tmp_path):
    path = fast_start(draw_video(tmp_path / "a.mp4", [(1, 96)], numbered=True))
    decoder = open_decoder(str(cut_off(path, 0.5)))
    found = [(read_number(frame.rgb()), round(frame.time * 24)) for frame in decoder.frames()]
    assert 10 < len(found) < 90
    assert all(number == time for number, time in found)
    assert "cannot be decoded" in decoder.error


def test_a_hole_costs_the_frames_that_it_hits(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 120)], numbered=True, gop=12)
    data = path.read_bytes()
    middle = len(data) // 2
    path.write_bytes(data[: middle - 1500] + bytes(3000) + data[middle + 1500 :])
    decoder = open_decoder(str(path))
    found = [read_number(frame.rgb()) for frame in decoder.frames()]
    assert (found[:24], found[-24:]) == (list(range(24)), list(range(96, 120)))
    assert "cannot be decoded" in decoder.error


def test_times_go_on_where_they_jump_back(tmp_path):
    path = draw_video(tmp_path / "a.ts", [(1, 60)])
    path.write_bytes(path.read_bytes() * 2)
    decoder = open_decoder(str(path))
    found = [frame.time * 24 for frame in decoder.frames()]
    assert found == pytest.approx(list(range(120)))
    assert ([part.frame for part in decoder.parts], decoder.error) == ([0, 60], "")


def test_times_go_on_where_they_jump_far_ahead(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 4)], times=[0, 0.04, 5000, 5000.04])
    decoder = open_decoder(str(path))
    assert [frame.time for frame in decoder.frames()][2] < 1
    assert [part.frame for part in decoder.parts] == [0, 2]


def test_a_text_is_no_video(tmp_path):
    (tmp_path / "a.mp4").write_text("text", encoding="utf-8")
    with pytest.raises(NotVideoError):
        list(open_decoder(str(tmp_path / "a.mp4")).frames())


@pytest.mark.parametrize("name", ["tc_nasa_13013.mp4", "tc_testsrc2_av1_10bit.mp4"])
def test_several_threads_give_the_same_frames(shared_video, name):
    path = str(shared_video / name)
    one, two = ([f.rgb((48, 27)) for f in open_decoder(path, threads=n).frames()] for n in (1, 2))
    assert np.array_equal(one, two)


def test_a_message_of_ffmpeg_does_not_reach_python(plain, caplog):
    plain.write_bytes(plain.read_bytes().replace(b"mdat", b"mdaX", 1)[:-300])
    with pytest.raises(NotVideoError):
        list(open_decoder(str(plain)).frames())
    assert caplog.records == []
