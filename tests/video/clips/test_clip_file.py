"""One clip's file."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from curator_video.clips.clip_file import ClipFile, container_for
from curator_video.clips.encoders import add_video_stream
from curator_video.read.sound import Sound, sound_for

av: Any = pytest.importorskip("av")

RATE = 48000
SOUND = Sound(stream=None, encoder="aac", rate=RATE, layout="mono", codec="aac")


def add_stream(file, _first):
    return add_video_stream(file, "libx264", size=(64, 48), rate=Fraction(10))


def clip_file(tmp_path, **options) -> ClipFile:
    """A clip from 2 to 3 seconds."""
    return ClipFile(
        path=str(tmp_path / "sub/a.mp4"),
        container="mp4",
        start=2.0,
        end=3.0,
        size=(64, 48),
        add_video=add_stream,
        video_codec="h264",
        **options,
    )


def add_frames(file: ClipFile, count: int = 10) -> None:
    for i in range(count):
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
        file.add_frame(frame.reformat(format="yuv420p"), seconds=2.0 + i / 10, duration=0.1)


def heard(path: str) -> np.ndarray:
    with av.open(path) as file:
        return np.concatenate([each.to_ndarray() for each in file.decode(audio=0)], axis=1)[0]


def test_a_file_begins_at_zero_and_has_the_length_of_its_clip(tmp_path):
    file = clip_file(tmp_path)
    add_frames(file)
    encoded = file.close()
    assert (encoded.num_frames, encoded.framerate, encoded.start) == (10, 10.0, 2.0)
    with av.open(encoded.path) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(1.0)
        assert next(container.decode(stream)).pts == 0


def test_sound_is_cut_to_the_clip(tmp_path):
    file = clip_file(tmp_path, sound=SOUND)
    file.add_sound(np.full((1, 2 * RATE), 0.5, np.float32), seconds=1.0)
    add_frames(file)
    file.add_sound(np.full((1, RATE), 0.5, np.float32), seconds=3.0)
    samples = heard(file.close().path)
    assert len(samples) == pytest.approx(RATE, abs=1024)


def test_silence_fills_a_gap_in_the_sound(tmp_path):
    file = clip_file(tmp_path, sound=SOUND)
    add_frames(file)
    tone = np.sin(np.arange(RATE // 2) / 20).astype(np.float32)[None]
    file.add_sound(tone, seconds=2.5)
    samples = heard(file.close().path)
    assert np.abs(samples[: RATE * 4 // 10]).max() < 0.05
    assert np.abs(samples[RATE * 6 // 10 :]).max() > 0.5


def test_sound_that_comes_twice_is_heard_once(tmp_path):
    file = clip_file(tmp_path, sound=SOUND)
    add_frames(file)
    for _ in range(2):
        file.add_sound(np.full((1, RATE), 0.5, np.float32), seconds=2.0)
    assert len(heard(file.close().path)) == pytest.approx(RATE, abs=1024)


def test_nothing_is_there_before_the_file_is_whole(tmp_path):
    file = clip_file(tmp_path)
    add_frames(file)
    assert not (tmp_path / "sub/a.mp4").exists()
    file.close()
    assert [path.name for path in (tmp_path / "sub").iterdir()] == ["a.mp4"]


def test_a_file_that_is_given_up_leaves_nothing(tmp_path):
    file = clip_file(tmp_path)
    add_frames(file)
    file.abort()
    assert list((tmp_path / "sub").iterdir()) == []


def test_a_clip_without_frames_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="no frame of it could be read"):
        clip_file(tmp_path).close()


def test_frames_of_the_same_time_follow_each_other(tmp_path):
    file = clip_file(tmp_path)
    add_frames(file, 3)
    frame = av.VideoFrame(64, 48, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    file.add_frame(frame, seconds=2.2, duration=0.1)
    with av.open(file.close().path) as container:
        assert len(list(container.decode(video=0))) == 4


@pytest.mark.parametrize(
    ("codec", "container"), [("h264", "mp4"), ("av1", "mp4"), ("vp8", "webm"), ("ffv1", "matroska")]
)
def test_a_codec_gets_a_container_that_may_hold_it(codec, container):
    assert container_for(codec) == container


def test_a_video_without_sound_gives_clips_without():
    assert sound_for("mp4", None) is None
