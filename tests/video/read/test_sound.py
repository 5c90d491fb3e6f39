"""Which sound a clip gets, and that it is heard to the end whatever the track does on the way."""

import pytest
from video.drawn_clips import cut, video_task
from video.media import draw_video
from video.sounds import Tone, add_tracks, heard, shift_sound, silent_video

from curator_video.read.probe import probe_video
from curator_video.read.sound import is_steady

WHOLE = (0, 96)
LOW, HIGH = Tone(hertz=440, seconds=4.0), Tone(hertz=880, seconds=4.0)


def task_of(path, audio_track=""):
    task = video_task(path, WHOLE)
    task.data.metadata = probe_video(str(path), audio_track=audio_track).metadata
    return task


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return silent_video(tmp_path_factory.mktemp("silent") / "silent.mp4")


@pytest.mark.parametrize(("wanted", "hertz"), [("", 880), ("1", 440), ("2", 880)])
def test_the_default_track_is_taken_or_the_one_asked_for(video, tmp_path, wanted, hertz):
    path = add_tracks(video, tmp_path / "a.mkv", [LOW], [HIGH], default=1)
    (file,) = cut(task_of(path, wanted), tmp_path)
    assert heard(file.path, 1, 3)[0] == pytest.approx(hertz, abs=5)


def test_a_track_that_is_not_there_is_said_and_no_other_is_taken(video, tmp_path):
    path = add_tracks(video, tmp_path / "a.mkv", [LOW])
    found = probe_video(str(path), audio_track="3")
    assert found.problems == ["has no sound track 3; its clips have no sound"]
    (file,) = cut(task_of(path, "3"), tmp_path)
    assert (file.audio_codec, heard(file.path, 0, 4)) == ("", (0.0, 0.0))


@pytest.mark.parametrize("change", [{"rate": 32_000}, {"layout": "mono"}], ids=["rate", "layout"])
@pytest.mark.parametrize("encoder", ["auto", "copy"])
def test_sound_is_heard_after_a_change_in_mid_stream(video, tmp_path, change, encoder):
    path = add_tracks(video, tmp_path / "a.ts", [Tone(), Tone(hertz=880, **change)])
    (file,) = cut(task_of(path), tmp_path, encoder=encoder)
    assert heard(file.path, 0.5, 1.5)[0] == pytest.approx(440, abs=5)
    assert heard(file.path, 2.5, 3.5)[0] == pytest.approx(880, abs=5)
    assert file.audio_codec == "aac"


@pytest.mark.parametrize("encoder", ["auto", "copy"])
def test_a_step_back_in_the_stamps_of_the_sound_costs_no_clip(tmp_path, encoder):
    path = draw_video(tmp_path / "a.ts", [(1, 96)], size=(64, 48), audio=True)
    shift_sound(path, after=2.0, by=-0.5)
    (file,) = cut(task_of(path), tmp_path, encoder=encoder)
    assert all(heard(file.path, at, at + 0.4)[1] > 0.01 for at in (0.5, 1.6, 2.1, 2.6, 3.0))


def test_packets_of_a_steady_track_are_copied(tmp_path):
    path = draw_video(tmp_path / "a.ts", [(1, 48)], size=(64, 48), audio=True)
    assert is_steady(str(path), video=0, sound=1)


def test_sound_that_ends_before_the_clip_is_not_said_to_be_in_it(video, tmp_path):
    path = add_tracks(video, tmp_path / "a.mkv", [Tone(seconds=1.5)])
    task = video_task(path, (0, 24), (48, 96))
    files = cut(task, tmp_path)
    assert [file.audio_codec for file in files] == ["aac", ""]
    assert probe_video(files[1].path).metadata.audio_codec == ""
    assert probe_video(files[1].path).metadata.num_frames == 48
