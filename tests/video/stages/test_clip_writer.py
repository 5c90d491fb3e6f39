"""What the writer leaves with its switches; what a whole pipeline writes is in tests/upstream/test_video.py."""

import json

import pytest
from video.media import draw_video

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_video.stages.clip_files import ClipTranscodingStage
from curator_video.stages.clip_spans import FixedStrideExtractorStage
from curator_video.stages.clip_writer import ClipWriterStage
from curator_video.stages.reader import VideoReader


@pytest.fixture(scope="module")
def videos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("videos")
    draw_video(folder / "a.mp4", [(1, 48)], size=(64, 36))
    return folder


def write(videos, output, **switches):
    stages = [
        VideoReader(input_video_path=str(videos)),
        FixedStrideExtractorStage(clip_len_s=1.0, clip_stride_s=1.0, min_clip_length_s=1.0),
        ClipTranscodingStage(encoder="auto"),
        ClipWriterStage(output_path=str(output), input_path=str(videos), **switches),
    ]
    [task] = Pipeline("write", stages=stages).run(LocalExecutor())
    made = {str(f.relative_to(output)) for f in output.rglob("*") if f.is_file()}
    return task, sorted({name.partition("/")[0] for name in made if not name.startswith(".")})


def test_without_files_of_clips_there_are_their_records(videos, tmp_path):
    task, made = write(videos, tmp_path / "out", upload_clips=False)
    assert made == ["metas", "processed_clip_chunks", "processed_videos"]
    record = json.loads(next((tmp_path / "out/metas/v0").iterdir()).read_text(encoding="utf-8"))
    assert (record["clip_location"], record["num_frames"]) == ("", 24)
    assert (task.data.clip_stats.num_passed, task.data.clip_stats.total_clip_duration) == (2, 2.0)


def test_a_dry_run_writes_the_records_of_the_video_alone(videos, tmp_path):
    _, made = write(videos, tmp_path / "out", dry_run=True)
    assert made == ["processed_clip_chunks", "processed_videos"]


def test_a_writer_needs_a_folder():
    with pytest.raises(SettingsError, match="output_path"):
        ClipWriterStage(output_path="")
