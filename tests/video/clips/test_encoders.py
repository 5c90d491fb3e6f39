"""Which encoders work here."""

import io
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from video.media import draw_frames

from curator_engine.errors import SettingsError
from curator_video.clips.encoders import (
    EncoderName,
    add_video_stream,
    check_quality,
    choose_encoder,
    codec_of,
    makes_ten_bit,
    why_not,
)


def test_auto_is_libx264_where_it_works():
    assert choose_encoder("auto") == "libx264"


def test_copying_needs_no_encoder():
    assert choose_encoder("copy") == "copy"


def test_an_encoder_that_is_only_a_name_is_refused_with_the_reason():
    names: tuple[EncoderName, ...] = ("libopenh264", "h264_nvenc")
    for name in filter(why_not, names):
        with pytest.raises(SettingsError, match=f"{name} does not work here .*use --encoder auto"):
            choose_encoder(name)


def test_an_unknown_encoder_is_refused_with_the_known_ones():
    name: Any = "x"
    with pytest.raises(SettingsError, match="'x' is not known; choose auto, copy, libx264"):
        choose_encoder(name)


def test_libx264_gives_the_same_bytes_whatever_was_in_memory():
    av: Any = pytest.importorskip("av")
    pictures = list(draw_frames([(1, 20)]))
    found = set()
    for run in range(8):
        for size in range(10**5, 2 * 10**6, 10**5):
            np.random.default_rng(run).integers(0, 255, size + 7919 * run, dtype=np.uint8)
        packets = []
        with av.open(io.BytesIO(), "w", format="mp4") as file:
            stream = add_video_stream(file, "libx264", size=(320, 180), rate=Fraction(24))
            for number, picture in enumerate(pictures):
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts = number
                packets += [bytes(each) for each in stream.encode(frame)]
            packets += [bytes(each) for each in stream.encode(None)]
        found.add(b"".join(packets))
    assert len(found) == 1


def test_working_encoders_are_found_by_encoding():
    assert [why_not(name) for name in ("libx264", "libvpx-vp9", "libsvtav1")] == ["", "", ""]


@pytest.mark.parametrize(("name", "worst"), [("libx264", 51), ("libsvtav1", 63), ("auto", 51)])
def test_a_quality_out_of_range_is_refused(name, worst):
    check_quality(name, worst)
    with pytest.raises(SettingsError, match=f"not in 0..{worst}"):
        check_quality(name, worst + 1)


def test_an_encoder_knows_its_codec():
    assert [codec_of(name) for name in ("libx264", "libvpx-vp9")] == ["h264", "vp9"]


def test_some_encoders_keep_ten_bits():
    assert [makes_ten_bit(name) for name in ("libx264", "h264_nvenc", "copy")] == [
        True,
        False,
        False,
    ]


@pytest.mark.skipif(not hasattr(os, "sched_getscheduler"), reason="no such thing here")
def test_an_encoder_leaves_no_thread_with_a_higher_priority():
    assert not why_not.__wrapped__("libsvtav1")
    threads = [int(each.name) for each in Path("/proc/self/task").iterdir()]
    assert {os.sched_getscheduler(each) for each in threads} == {os.sched_getscheduler(0)}
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
