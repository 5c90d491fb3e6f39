"""Animated previews."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from video.drawn_clips import numbered_task, transcode
from video.media import read_number

from curator_engine.errors import SettingsError
from curator_video.clips.preview import PreviewClips
from curator_video.task import Window


def frames_of(path) -> list[np.ndarray]:
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        frames = []
        for i in range(getattr(image, "n_frames", 1)):
            image.seek(i)
            frames.append(np.asarray(image.convert("RGB")))
    return frames


def preview(task, tmp_path, **options) -> list[str]:
    PreviewClips(output=str(tmp_path / "out"), **options).process(task)
    return [clip.preview for clip in task.data.clips]


def test_a_preview_has_a_frame_of_each_second(tmp_path):
    task = numbered_task(tmp_path, (24, 100))
    (path,) = preview(task, tmp_path)
    assert path == f"previews/{task.data.clips[0].uuid}/0_76.webp"
    shown = [read_number(frame) for frame in frames_of(tmp_path / "out" / path)]
    assert shown == [24, 48, 72]


def test_stills_are_taken_where_there_is_no_file_of_the_clip(tmp_path):
    (path,) = preview(numbered_task(tmp_path, (0, 48)), tmp_path)
    assert frames_of(tmp_path / "out" / path)[0].shape == (144, 256, 3)


def test_a_still_that_is_nearly_high_enough_spares_decoding_the_clip(tmp_path):
    task = numbered_task(tmp_path, (0, 48), size=(320, 180))
    transcode(task, tmp_path)
    (path,) = preview(task, tmp_path)
    assert frames_of(tmp_path / "out" / path)[0].shape == (144, 256, 3)


def test_a_low_still_makes_way_for_the_clip_itself(tmp_path):
    task = numbered_task(tmp_path, (30, 78), size=(640, 360))
    transcode(task, tmp_path)
    (path,) = preview(task, tmp_path)
    frames = frames_of(tmp_path / "out" / path)
    assert [frame.shape for frame in frames] == [(240, 427, 3)] * 2
    assert [read_number(frame) for frame in frames] == [30, 54]


def test_a_copy_that_begins_earlier_shows_the_clip(tmp_path):
    task = numbered_task(tmp_path, (30, 78), size=(640, 360))
    transcode(task, tmp_path, encoder="copy")
    (path,) = preview(task, tmp_path)
    assert [read_number(frame) for frame in frames_of(tmp_path / "out" / path)] == [30, 54]


def test_stills_are_enough_if_they_are_asked_for(tmp_path):
    task = numbered_task(tmp_path, (0, 48), size=(640, 360))
    transcode(task, tmp_path)
    (path,) = preview(task, tmp_path, always_stills=True)
    assert frames_of(tmp_path / "out" / path)[0].shape == (144, 256, 3)


def test_every_window_has_a_preview(tmp_path):
    task = numbered_task(tmp_path, (0, 120))
    clip = task.data.clips[0]
    clip.windows = [Window(start_frame=0, end_frame=60), Window(start_frame=60, end_frame=120)]
    preview(task, tmp_path)
    folder = tmp_path / "out/previews" / clip.uuid
    assert sorted(path.name for path in folder.iterdir()) == ["0_60.webp", "60_120.webp"]
    assert clip.preview.endswith("/0_60.webp")


def test_a_long_clip_has_a_bounded_preview(tmp_path):
    (path,) = preview(numbered_task(tmp_path, (0, 120)), tmp_path, fps=24.0)
    assert len(frames_of(tmp_path / "out" / path)) <= 60


def test_dropped_clips_may_be_skipped(tmp_path):
    task = numbered_task(tmp_path, (0, 24))
    task.data.clips[0].drop("motion", "still")
    assert preview(task, tmp_path, skip_filtered=True) == [""]


def test_a_preview_that_fails_is_an_error_of_its_clip(tmp_path):
    task = numbered_task(tmp_path, (0, 24), (24, 48), size=(640, 360))
    transcode(task, tmp_path)
    Path(task.data.clips[0].encoded.path).write_bytes(b"nothing")
    first, second = preview(task, tmp_path)
    assert first == ""
    assert "frames 0 to 24" in task.data.clips[0].errors["preview"]
    assert second


def test_settings_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="quality from 0 to 100"):
        PreviewClips(output="out", quality=101)
