"""One way through a file."""

import resource
import signal
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from video.drawn_clips import numbered_task, numbers, sound_span, transcode

from curator_engine.errors import StorageError
from curator_video.read.probe import probe_video

av: Any = pytest.importorskip("av")


def test_sound_that_ends_early_does_not_hold_up_the_clip(tmp_path):
    path = tmp_path / "a.mp4"
    task = numbered_task(tmp_path, (0, 24), (60, 84), name=path.name, audio=True)
    cut_sound(path, seconds=0.5)
    transcode(task, tmp_path)
    first, second = (clip.encoded for clip in task.data.clips)
    assert sound_span(first.path)[1] == pytest.approx(0.5, abs=0.05)
    assert numbers(second.path) == list(range(60, 84))


def cut_sound(path, *, seconds):
    """Leave out the packets of sound after a time."""
    copy = path.with_name("copy.mp4")
    with av.open(str(path)) as source, av.open(str(copy), "w") as target:
        streams = {
            each.index: target.add_stream_from_template(each, opaque=True)
            for each in source.streams
        }
        for packet in source.demux():
            if packet.dts is None:
                continue
            late = packet.stream.type == "audio" and packet.pts * packet.time_base >= seconds
            if not late:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    copy.replace(path)


def test_sound_is_in_step_with_the_picture(tmp_path):
    """A click at 2.5 s is heard half a second into a clip from 2 s."""
    path = tmp_path / "a.mp4"
    task = numbered_task(tmp_path, (48, 72), name=path.name)
    silent = path.rename(tmp_path / "silent.mp4")
    add_click(silent, path, at=2.5)
    task.data.metadata = probe_video(str(path)).metadata
    transcode(task, tmp_path)
    with av.open(task.data.clips[0].encoded.path) as file:
        frames = list(file.decode(audio=0))
    samples = np.concatenate([each.to_ndarray() for each in frames], axis=1)[0]
    heard = frames[0].time + int(np.abs(samples).argmax()) / 48000
    assert heard == pytest.approx(0.5, abs=0.01)


def add_click(source_path, path, *, at):
    with av.open(str(source_path)) as source, av.open(str(path), "w") as target:
        video = target.add_stream_from_template(source.streams.video[0], opaque=True)
        sound = target.add_stream("aac", rate=48000, layout="mono")
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = video
                target.mux(packet)
        wave = np.zeros((1, 5 * 48000), np.float32)
        wave[0, int(at * 48000) : int(at * 48000) + 48] = 0.9
        frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 48000, 0
        target.mux(sound.encode(frame))
        target.mux(sound.encode(None))


@contextmanager
def small_files():
    """Files may not grow beyond a kilobyte: what a write then gives is no full disk.

    For the test's own work only: pytest's report may be a file as well.
    """
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)


@pytest.mark.parametrize("encoder", ["auto", "copy"])
def test_a_file_that_cannot_be_written_ends_the_run(tmp_path, encoder):
    task = numbered_task(tmp_path, (0, 24))
    expected = pytest.raises(StorageError, match=r"File too large while writing .*--resume")
    with expected, small_files():
        transcode(task, tmp_path, encoder=encoder)


def test_a_folder_that_cannot_be_made_ends_the_run(tmp_path):
    task = numbered_task(tmp_path, (0, 24))
    (tmp_path / "scratch").mkdir(exist_ok=True)
    (tmp_path / "scratch/clips").write_text("in the way", encoding="utf-8")
    with pytest.raises(StorageError, match="while writing"):
        transcode(task, tmp_path)
    assert task.data.clips[0].drop_reason == ""
