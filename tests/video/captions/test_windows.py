"""Windows of a clip and their pictures, told by the number that is painted into each frame."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from video.media import draw_frames, draw_video, read_number
from video.tracks import video_task, write_track

from curator_engine.errors import SettingsError
from curator_video.captions.windows import Sampling, split_windows, window_frames
from curator_video.read.container import VideoError
from curator_video.read.track import open_track
from curator_video.task import Encoded, Window


def spans(*args, **options):
    return [(each.start_frame, each.end_frame) for each in split_windows(*args, **options)]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (0, []),
        (3, [(0, 3)]),
        (256, [(0, 256)]),
        (383, [(0, 383)]),
        (384, [(0, 256), (256, 384)]),
        (600, [(0, 256), (256, 600)]),
        (700, [(0, 256), (256, 512), (512, 700)]),
    ],
)
def test_a_remainder_below_the_threshold_makes_the_last_window_longer(frames, expected):
    assert spans(frames) == expected


@given(st.integers(1, 5000), st.integers(1, 400), st.integers(1, 400))
def test_windows_cover_the_clip_once(frames, size, threshold):
    windows = spans(frames, window_size=size, remainder_threshold=threshold)
    assert [n for a, b in windows for n in range(a, b)] == list(range(frames))


def test_a_window_without_frames_is_refused():
    with pytest.raises(SettingsError, match="window_size=0"):
        split_windows(10, window_size=0)


@pytest.mark.parametrize("name", ["fps", "side", "max_frames"])
def test_a_sampling_of_nothing_is_refused(name):
    with pytest.raises(SettingsError, match=f"{name}=0 is not above 0"):
        Sampling(**{name: 0})


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    frames = draw_frames([(1, 240)], size=(640, 360), numbered=True)
    return open_track(write_track(tmp_path_factory.mktemp("track"), frames))


@pytest.fixture(scope="module")
def clip(track, tmp_path_factory):
    """Frames [48, 240) of the video, with a file that begins a second earlier, at a key frame."""
    task = video_task(track.folder, [(48, 240)])
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    draw_video(path, [(1, 216)], size=(640, 360), numbered=True)
    encoded = Encoded(
        path=str(path),
        width=640,
        height=360,
        framerate=24.0,
        num_frames=216,
        video_codec="h264",
        audio_codec="",
        num_bytes=path.stat().st_size,
        start=1.0,
    )
    return replace(task.data.clips[0], encoded=encoded)


def shown(track, clip, start, end, **sampling):
    frames = window_frames(
        track, clip, Window(start_frame=start, end_frame=end), Sampling(**sampling)
    )
    return [read_number(picture) for picture in frames.pictures], frames.times


def test_two_pictures_a_second_come_from_the_track(track, clip):
    numbers, times = shown(track, replace(clip, encoded=None), 24, 72)
    assert numbers == [72, 84, 96, 108]
    assert times == (0.0, 0.5, 1.0, 1.5)


def test_fewer_pictures_a_second_leave_some_out(track, clip):
    assert shown(track, clip, 24, 96, fps=1.0)[0] == [72, 96, 120]


def test_pictures_are_thinned_out_evenly_above_the_most(track, clip):
    assert shown(track, clip, 0, 192, max_frames=4)[0] == [48, 96, 144, 192]


def test_more_pictures_a_second_come_from_the_clips_file(track, clip):
    # The file's frame 0 is the video's frame 24.
    numbers, times = shown(track, clip, 24, 48, fps=4.0)
    assert [number + 24 for number in numbers] == [72, 78, 84, 90]
    assert times == (0.0, 0.25, 0.5, 0.75)


def test_larger_pictures_come_from_the_clips_file(track, clip):
    window = Window(start_frame=0, end_frame=24)
    sizes = [
        window_frames(track, clip, window, Sampling(side=side)).pictures.shape[1:3]
        for side in (128, 256, 512)
    ]
    assert sizes == [(72, 128), (144, 256), (288, 512)]


def test_without_a_file_the_tracks_pictures_do(track, clip):
    frames = window_frames(
        track, replace(clip, encoded=None), Window(start_frame=0, end_frame=24), Sampling(side=512)
    )
    assert frames.pictures.shape[1:3] == (144, 256)


def test_a_window_shorter_than_the_step_has_a_picture(track, clip):
    assert len(shown(track, clip, 1, 3)[0]) == 1


def test_a_file_that_is_no_video_says_so(track, clip, tmp_path):
    broken = tmp_path / "clip.mp4"
    broken.write_text("no video")
    bad = replace(clip, encoded=replace(clip.encoded, path=str(broken)))
    with pytest.raises(VideoError):
        shown(track, bad, 0, 24, fps=4.0)
