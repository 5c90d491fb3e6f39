"""Clips cut out of drawn and real videos."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from video import remux
from video.drawn_clips import (
    cut,
    frame_times,
    numbered_task,
    numbers,
    sound_span,
    transcode,
    video_task,
)
from video.media import draw_video

from curator_engine.errors import SettingsError
from curator_video.clips.transcode import TranscodeClips
from curator_video.read.track import open_track

av: Any = pytest.importorskip("av")

SPANS = [(5, 30), (30, 61), (100, 120)]
VARYING = [i * 0.04 + (i % 7) * 0.004 + (1.0 if i > 50 else 0.0) for i in range(120)]


@pytest.mark.parametrize(
    "drawing",
    [
        {},
        {"name": "a.mkv", "times": VARYING},
        {"name": "a.webm", "codec": "libvpx-vp9", "options": {"deadline": "realtime"}},
        {"name": "a.avi", "codec": "mpeg4"},
        {"name": "a.avi", "codec": "libx264"},
        {"name": "a.ts"},
        {"name": "a.mkv", "codec": "mjpeg", "pixel_format": "yuvj420p"},
        {"rotation": 90, "size": (180, 320)},
        {"rotation": 180},
        {"rotation": 270, "size": (180, 320)},
        {"small_stream": True},
        {"pixel_format": "yuv420p10le"},
        {"gop": 1000},
        {"name": "a.ts", "gop": 1000, "options": {"sc_threshold": "0"}},
        {"options": {"x264-params": "open-gop=1:bframes=3"}},
    ],
    ids=lambda drawing: "-".join(map(str, drawing)) or "plain",
)
def test_an_encoded_clip_has_exactly_its_frames(tmp_path, drawing):
    task = numbered_task(tmp_path, *SPANS, **drawing)
    files = cut(task, tmp_path)
    assert [numbers(file.path) for file in files] == [list(range(*span)) for span in SPANS]


@pytest.mark.parametrize("encoder", ["libx264", "libvpx-vp9", "libsvtav1"])
def test_every_encoder_gives_exactly_the_frames(tmp_path, encoder):
    task = numbered_task(tmp_path, *SPANS, audio=True)
    files = cut(task, tmp_path, encoder=encoder)
    assert [numbers(file.path) for file in files] == [list(range(*span)) for span in SPANS]
    assert {file.video_codec for file in files} == {
        {"libx264": "h264", "libvpx-vp9": "vp9", "libsvtav1": "av1"}[encoder]
    }


def test_clips_that_overlap_are_cut_in_one_way_through(tmp_path):
    task = numbered_task(tmp_path, (0, 40), (20, 60), (40, 80))
    stage = transcode(task, tmp_path)
    files = [clip.encoded for clip in task.data.clips]
    assert [numbers(file.path) for file in files] == [
        list(range(*clip.frames)) for clip in task.data.clips
    ]
    assert stage.take_notes()[0]["transcode_frames_decoded"] == 80


def test_a_far_clip_is_reached_by_seeking(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 600)], size=(64, 48), numbered=True)
    task = video_task(path, (3, 10), (500, 520))
    stage = transcode(task, tmp_path)
    assert numbers(task.data.clips[1].encoded.path) == list(range(500, 520))
    assert stage.take_notes()[0]["transcode_frames_decoded"] < 200


def test_time_stamps_of_a_varying_frame_rate_are_kept(tmp_path):
    task = numbered_task(tmp_path, (45, 60), times=VARYING)
    (file,) = cut(task, tmp_path)
    expected = [VARYING[i] - VARYING[45] for i in range(45, 60)]
    assert frame_times(file.path) == pytest.approx(expected, abs=1e-3)


def test_a_turned_video_is_cut_upright_in_the_size_of_its_metadata(tmp_path):
    task = numbered_task(tmp_path, (0, 10), rotation=90, size=(180, 320))
    (file,) = cut(task, tmp_path)
    with av.open(file.path) as container:
        frame = next(container.decode(video=0))
    assert (frame.width, frame.height) == (file.width, file.height) == (180, 320)
    assert frame.rotation == 0


def test_odd_sizes_lose_a_row_and_a_column(tmp_path):
    path = draw_video(tmp_path / "a.mkv", [(1, 12)], codec="ffv1", size=(101, 75))
    (file,) = cut(video_task(path, (0, 12)), tmp_path)
    assert (file.width, file.height) == (100, 74)


def test_ten_bits_become_eight_unless_asked(tmp_path):
    formats = []
    for ten_bit in (False, True):
        task = numbered_task(tmp_path, (0, 10), pixel_format="yuv420p10le")
        (file,) = cut(task, tmp_path, ten_bit=ten_bit)
        with av.open(file.path) as container:
            formats.append(container.streams.video[0].codec_context.pix_fmt)
    assert formats == ["yuv420p", "yuv420p10le"]


def test_brightness_stays_when_the_full_range_is_used(tmp_path):
    task = numbered_task(tmp_path, (0, 5), name="a.mkv", codec="mjpeg", pixel_format="yuvj420p")
    (file,) = cut(task, tmp_path)
    means = []
    for path in (task.data.path, file.path):
        with av.open(path) as container:
            means.append(next(container.decode(video=0)).to_ndarray(format="rgb24").mean())
    assert means[1] == pytest.approx(means[0], abs=2.0)


@pytest.mark.parametrize("name", ["a.mp4", "a.webm", "a.ts"])
@pytest.mark.parametrize("encoder", ["auto", "copy"])
def test_sound_stays_in_step_and_is_valid_in_the_container(tmp_path, name, encoder):
    codec = {"codec": "libvpx-vp9", "options": {"deadline": "realtime"}}
    drawing = codec if name == "a.webm" else {}
    task = numbered_task(tmp_path, (30, 60), name=name, audio=True, **drawing)
    (file,) = cut(task, tmp_path, encoder=encoder)
    assert file.audio_codec == "aac"
    begin, end = sound_span(file.path)
    length = task.data.clips[0].span[1] - file.start
    # A packet of AAC is 21 milliseconds.
    assert 0 <= begin < 0.03
    assert length - 0.03 < end < length + 0.03


def test_sound_can_be_left_out(tmp_path):
    (file,) = cut(numbered_task(tmp_path, (0, 24), audio=True), tmp_path, audio=False)
    with av.open(file.path) as container:
        assert not container.streams.audio
    assert file.audio_codec == ""


def test_a_copy_starts_at_the_key_frame_before_and_says_so(tmp_path):
    task = numbered_task(tmp_path, (30, 47), options={"bf": "0", "sc_threshold": "0"})
    (file,) = cut(task, tmp_path, encoder="copy")
    assert numbers(file.path) == list(range(24, 47))
    assert file.start == pytest.approx(1.0)
    assert frame_times(file.path)[0] == 0.0


def test_a_copy_has_all_frames_up_to_its_end_also_with_b_frames(tmp_path):
    task = numbered_task(tmp_path, (30, 47), options={"bf": "3", "sc_threshold": "0"})
    (file,) = cut(task, tmp_path, encoder="copy")
    assert numbers(file.path)[: 47 - 24] == list(range(24, 47))


def test_a_copy_of_a_turned_video_is_turned_by_its_player(tmp_path):
    task = numbered_task(tmp_path, (0, 10), rotation=90, size=(180, 320))
    (file,) = cut(task, tmp_path, encoder="copy")
    with av.open(file.path) as container:
        assert next(container.decode(video=0)).rotation % 360 == 270


def test_vp8_is_copied_into_webm(tmp_path):
    task = numbered_task(tmp_path, (24, 48), name="a.webm", codec="libvpx", audio=True)
    (file,) = cut(task, tmp_path, encoder="copy")
    assert file.path.endswith(".webm")
    assert (file.video_codec, file.audio_codec) == ("vp8", "opus")


def test_a_copy_decodes_nothing(tmp_path):
    stage = transcode(numbered_task(tmp_path, *SPANS), tmp_path, encoder="copy")
    assert stage.take_notes()[0]["transcode_frames_decoded"] == 0


def test_a_clip_that_cannot_be_read_is_lost_alone(tmp_path):
    task = numbered_task(tmp_path, (0, 20), (110, 120))
    track = open_track(task.data.track)
    clip = task.data.clips[1]
    clip.frames = (110, 125)
    transcode(task, tmp_path)
    good, bad = task.data.clips
    assert good.encoded
    assert not good.errors
    assert bad.encoded is None
    assert bad.errors == {"transcode": "10 of its 15 frames could be read"}
    assert (bad.drop_stage, bad.drop_reason) == ("transcode", bad.errors["transcode"])
    assert track.num_frames == 120


def test_nothing_half_written_is_left(tmp_path):
    task = numbered_task(tmp_path, (110, 120))
    task.data.clips[0].frames = (110, 125)
    transcode(task, tmp_path)
    assert not [path for path in (tmp_path / "scratch/clips").rglob("*") if path.is_file()]


def test_a_damaged_stretch_costs_the_clips_in_it(tmp_path):
    task = numbered_task(tmp_path, (0, 24), (24, 48), (72, 96), gop=24, name="a.ts")
    data = bytearray((tmp_path / "a.ts").read_bytes())
    middle = len(data) * 30 // 120
    data[middle : middle + 6000] = bytes(6000)
    (tmp_path / "a.ts").write_bytes(data)
    transcode(task, tmp_path)
    assert numbers(task.data.clips[0].encoded.path) == list(range(24))
    assert numbers(task.data.clips[2].encoded.path) == list(range(72, 96))


def test_a_file_that_is_gone_fails_all_its_clips(tmp_path):
    task = numbered_task(tmp_path, (0, 20), (20, 40))
    (tmp_path / "a.mp4").unlink()
    transcode(task, tmp_path)
    assert [clip.errors["transcode"] for clip in task.data.clips] == ["is not a file"] * 2


def test_dropped_clips_are_cut_unless_they_are_to_be_skipped(tmp_path):
    for skip, expected in ((False, True), (True, False)):
        task = numbered_task(tmp_path, (0, 20))
        task.data.clips[0].drop("motion", "still")
        transcode(task, tmp_path, skip_filtered=skip)
        assert (task.data.clips[0].encoded is not None) is expected


@pytest.mark.parametrize("name", ["a.mp4", "a.webm"])
def test_the_same_clip_again_is_the_same_file(tmp_path, name):
    drawing = {"codec": "libvpx"} if name == "a.webm" else {}
    encoder = "copy" if drawing else "auto"
    contents = []
    task = numbered_task(tmp_path, (10, 40), name=name, audio=True, **drawing)
    for _ in range(2):
        (file,) = cut(task, tmp_path, encoder=encoder)
        contents.append(Path(file.path).read_bytes())
    assert contents[0] == contents[1]


def test_the_facts_of_a_clip_are_those_of_its_file(tmp_path):
    (file,) = cut(numbered_task(tmp_path, (10, 40)), tmp_path)
    with av.open(file.path) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.frames) == (320, 180, 30)
        assert container.size == file.num_bytes
    assert file.framerate == pytest.approx(24.0)
    assert file.num_frames == 30


def test_a_lower_quality_is_a_smaller_file(tmp_path):
    sizes = [
        cut(numbered_task(tmp_path, (0, 24)), tmp_path, quality=quality)[0].num_bytes
        for quality in (18, 40)
    ]
    assert sizes[1] < sizes[0]


def test_no_threads_are_refused(tmp_path):
    with pytest.raises(SettingsError, match="0 threads"):
        TranscodeClips(scratch=str(tmp_path), threads=0).setup()


def test_real_files_of_many_codecs_are_cut_exactly(shared_video, tmp_path):
    for source in sorted(shared_video.iterdir()):
        path = tmp_path / source.name
        shutil.copyfile(source, path)
        task = video_task(path, (0, 10), (10, 25))
        for encoder in ("auto", "copy"):
            files = cut(task, tmp_path / encoder, encoder=encoder)
            sizes = [len(frame_times(file.path)) for file in files]
            assert sizes[0] >= 10, source.name
            if encoder == "auto":
                assert sizes == [10, 15], source.name


@pytest.mark.parametrize("make", [remux.pts_as_dts, remux.edit_list], ids=["dts", "no key frame"])
def test_what_cannot_be_copied_is_encoded_and_said(tmp_path, make):
    task = video_task(make(tmp_path), (0, 20))
    first = numbers(str(task.data.path))[0]
    (file,) = cut(task, tmp_path, encoder="copy")
    assert numbers(file.path) == list(range(first, first + 20))
    assert "1 clips are encoded with" in task.data.notes["transcode"]


def test_b_frames_in_a_file_that_hides_nothing_are_encoded(tmp_path):
    task = numbered_task(
        tmp_path, (0, 11), name="a.mkv", codec="mpeg1video", options={"bf": "2"}, gop=12
    )
    (file,) = cut(task, tmp_path, encoder="copy")
    assert numbers(file.path) == list(range(11))


def test_a_copy_that_cannot_be_played_is_encoded_and_said(tmp_path):
    task = video_task(remux.two_headers(tmp_path), (0, 24), (48, 72))
    files = cut(task, tmp_path, encoder="copy")
    assert [numbers(file.path) for file in files] == [list(range(24))] * 2
    assert "1 clips are encoded with" in task.data.notes["transcode"]
    assert "first picture cannot be decoded" in task.data.notes["transcode"]


def test_a_clip_that_cannot_be_decoded_after_seeking_is_reached_from_the_beginning(tmp_path):
    task = video_task(remux.two_headers(tmp_path), (60, 72))
    (file,) = cut(task, tmp_path)
    assert numbers(file.path) == list(range(12, 24))


@pytest.mark.parametrize("encoder", ["libx264", "libsvtav1"])
def test_the_last_frame_of_a_clip_keeps_its_length(tmp_path, encoder):
    task = video_task(remux.long_last(tmp_path), (24, 48))
    (file,) = cut(task, tmp_path, encoder=encoder)
    with av.open(file.path) as container:
        stream = container.streams.video[0]
        assert float(stream.duration * stream.time_base) == pytest.approx(23 / 24 + 0.5, abs=0.01)
