import contextlib

import pytest
from video.media import REAL, cut_off, draw_video, fast_start

from curator_video.read.container import NoFramesError, NotVideoError, VideoError
from curator_video.read.probe import probe_video


def metadata(path):
    return probe_video(str(path)).metadata


@pytest.mark.parametrize("name", REAL)
def test_real_files(shared_video, name):
    found = metadata(shared_video / name)
    assert (
        found.video_codec,
        found.width,
        found.height,
        found.num_frames,
        found.audio_codec,
    ) == REAL[name]


@pytest.mark.parametrize("name", REAL)
def test_sound_files_have_no_problems(shared_video, name):
    assert probe_video(str(shared_video / name)).problems == []


def test_rate_and_length(tmp_path):
    found = metadata(draw_video(tmp_path / "a.mp4", [(1, 48)]))
    assert (found.framerate, found.duration) == (24.0, pytest.approx(2.0))


def test_ten_bits(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 5)], pixel_format="yuv420p10le")
    assert metadata(path).is_10_bit_color


def test_hdr(shared_video):
    assert probe_video(str(shared_video / "tc_bt2020_10bit.mp4")).hdr == "pq"


def test_pixels_that_are_not_square(shared_video):
    found = probe_video(str(shared_video / "lhotse_big_buck_bunny_small.mp4"))
    assert found.pixel_aspect == pytest.approx(4 / 3)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_turned_video_has_the_size_that_is_shown(tmp_path, rotation):
    found = metadata(draw_video(tmp_path / "a.mp4", [(1, 5)], rotation=rotation, size=(180, 320)))
    assert (found.rotation, found.width, found.height) == (rotation, 180, 320)


def test_a_varying_frame_rate_is_noticed(tmp_path):
    found = probe_video(
        str(draw_video(tmp_path / "a.mp4", [(1, 6)], times=[0, 0.1, 0.5, 0.6, 1.0, 1.1]))
    )
    assert (found.variable_frame_rate, found.longest_gap) == (True, pytest.approx(0.4))


def test_a_steady_frame_rate_that_is_rounded_to_milliseconds_does_not_vary(tmp_path):
    path = draw_video(tmp_path / "a.mkv", [(1, 60)], fps=29.97)
    assert not probe_video(str(path)).variable_frame_rate


def test_the_number_of_the_best_stream_and_all_streams_are_told(tmp_path):
    path = draw_video(tmp_path / "a.mkv", [(1, 3)], small_stream=True, audio=True)
    found = probe_video(str(path))
    kinds = [each.kind for each in found.streams]
    assert (found.metadata.stream, kinds) == (1, ["video", "video", "audio"])


def test_key_frames_are_counted(tmp_path):
    found = probe_video(
        str(
            draw_video(tmp_path / "a.mp4", [(1, 50)], gop=10, options={"x264-params": "scenecut=0"})
        )
    )
    assert (found.key_frames, found.longest_key_gap) == (5, pytest.approx(10 / 24))


def test_frames_are_counted_not_believed(tmp_path):
    path = fast_start(draw_video(tmp_path / "a.mp4", [(1, 100)]))
    found = probe_video(str(cut_off(path, 0.5)))
    assert found.metadata.num_frames < 90
    assert any(each.startswith("the header says 100 frames") for each in found.problems)


def test_a_header_that_promises_more_time_is_noticed(tmp_path):
    path = draw_video(tmp_path / "a.webm", [(1, 96)], codec="libvpx")
    found = probe_video(str(cut_off(path, 0.4)))
    assert found.metadata.duration < 3
    assert any(each.startswith("the header says 4.0") for each in found.problems)


def test_frames_before_the_first_key_frame_do_not_count(tmp_path):
    path = draw_video(tmp_path / "a.ts", [(1, 96)], gop=48)
    data = path.read_bytes()
    path.write_bytes(data[188 * 20 :])
    found = probe_video(str(path))
    assert found.metadata.num_frames == 48
    assert any("before the first key frame" in each for each in found.problems)


def test_a_truncated_file_without_its_index_is_no_video(tmp_path):
    path = cut_off(draw_video(tmp_path / "a.mp4", [(1, 24)]), 0.5)
    with pytest.raises(NotVideoError):
        probe_video(str(path))


def test_frames_that_cannot_be_decoded_are_no_frames(tmp_path):
    path = draw_video(tmp_path / "a.avi", [(1, 5)], codec="mjpeg", pixel_format="yuvj420p")
    size = b"\xff\xc0\x00\x11\x08" + (180).to_bytes(2) + (320).to_bytes(2)
    bomb = size[:5] + b"\xff\xdc\xff\xdc"
    assert path.read_bytes().count(size) == 5
    path.write_bytes(path.read_bytes().replace(size, bomb))
    with pytest.raises(NoFramesError, match="holds no picture"):
        probe_video(str(path))


@pytest.mark.parametrize("start", range(0, 6000, 600))
def test_noise_anywhere_is_survived(tmp_path, start):
    path = draw_video(tmp_path / "a.mp4", [(1, 24)])
    data = path.read_bytes()
    path.write_bytes(data[:start] + bytes(range(256)) + data[start + 256 :])
    with contextlib.suppress(VideoError):
        probe_video(str(path))
