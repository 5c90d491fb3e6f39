"""Copied clips that are looked at once more: a good one, and one with each fault."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from video.drawn_clips import cut, numbered_task

from curator_video.clips.copied_clips import fault_of_copy
from curator_video.read.track import open_track

av: Any = pytest.importorskip("av")


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copied clip with sound, and its first picture in the source."""
    folder = tmp_path_factory.mktemp("copied")
    task = numbered_task(folder, (60, 84), audio=True)
    (file,) = cut(task, folder, encoder="copy")
    track = open_track(task.data.track)
    return file, np.array(track.thumbs[track.frame_at(file.start)])


def test_a_good_copy_has_no_fault(copied):
    assert fault_of_copy(*copied) == ""


def test_another_first_picture_is_a_fault(copied):
    file, first = copied
    assert fault_of_copy(file, first[::-1]) == (
        "the copy's first picture is not the one in the source"
    )


def test_frames_that_are_not_there_are_a_fault(copied):
    file, first = copied
    assert "frames are in the copy" in fault_of_copy(replace(file, num_frames=99), first)


def test_sound_that_is_not_there_is_a_fault(copied, tmp_path):
    file, first = copied
    silent = tmp_path / "silent.mp4"
    with av.open(file.path) as source, av.open(str(silent), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    assert fault_of_copy(replace(file, path=str(silent)), first) == "the copy has no sound"


def test_a_file_that_is_no_video_is_a_fault(copied, tmp_path):
    file, first = copied
    (tmp_path / "a.mp4").write_text("no video", encoding="utf-8")
    assert "the copy is not a video" in fault_of_copy(
        replace(file, path=str(tmp_path / "a.mp4")), first
    )
