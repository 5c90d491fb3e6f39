from pathlib import Path

import fsspec
import pytest
from video.media import draw_video

from curator_engine.errors import PipelineError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.output_folder import take
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_engine.task import FileGroupTask
from curator_video.read.read_video import VIDEO_EXTENSIONS, ReadVideo, forget, local_file


def read(*paths, scratch):
    """The videos that are read, by name, and the report of the reading stage."""
    pipeline = Pipeline(
        "read",
        stages=[
            FilePartitioner(file_paths=list(map(str, paths)), file_extensions=VIDEO_EXTENSIONS),
            ReadVideo(scratch=str(scratch)),
        ],
    )
    tasks = pipeline.run(LocalExecutor())
    return {task.data.relative_path: task.data for task in tasks}, pipeline.last_run.stages[-1]


def rejections(path, tmp_path):
    stage = ReadVideo(scratch=str(tmp_path))
    with take(str(tmp_path), job="scratch", mode="share"):
        assert stage.process(FileGroupTask(data=[str(path)])) is None
    return [(each.file, each.reason) for each in stage.take_notes()[2]]


def test_a_folder_is_read_all_the_way_down(tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    draw_video(folder / "a.mp4", [(1, 3)])
    draw_video(folder / "deep" / "b.mkv", [(1, 3)]).rename(folder / "deep" / "B.MKV")
    (folder / "notes.txt").write_text("no", encoding="utf-8")
    videos, _ = read(folder, scratch=tmp_path / "scratch")
    assert sorted(videos) == ["a.mp4", "deep/B.MKV"]


def test_a_video_knows_what_it_is(tmp_path):
    videos, _ = read(
        draw_video(tmp_path / "a.mp4", [(1, 24)], audio=True), scratch=tmp_path / "scratch"
    )
    video = videos["a.mp4"]
    assert (video.path, video.metadata.num_frames) == (str(tmp_path / "a.mp4"), 24)
    assert (video.metadata.audio_codec, video.errors) == ("aac", {})
    assert video.stamp


def test_what_is_no_video_is_quarantined_and_the_rest_is_read(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.mp4").write_text("text", encoding="utf-8")
    draw_video(folder / "b.mp4", [(1, 12)], video=False, audio=True)
    draw_video(folder / "c.mp4", [(1, 12)])
    videos, report = read(folder, scratch=tmp_path / "scratch")
    assert (list(videos), report.rejected, report.tasks_failed) == (["c.mp4"], 2, 0)


def test_a_file_that_is_refused_has_one_reason(tmp_path):
    path = draw_video(tmp_path / "b.mp4", [(1, 12)], video=False, audio=True)
    assert rejections(path, tmp_path) == [(str(path), "has no video stream (only audio)")]


def test_problems_are_kept_with_the_video(tmp_path):
    path = draw_video(tmp_path / "a.webm", [(1, 96)], codec="libvpx")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    videos, _ = read(path, scratch=tmp_path / "scratch")
    assert "the header says 4.0" in videos["a.webm"].notes["read"]


def test_several_files_in_a_task_are_an_error(tmp_path):
    with pytest.raises(PipelineError, match="one file per task"):
        ReadVideo(scratch=str(tmp_path)).process(FileGroupTask(data=["a.mp4", "b.mp4"]))


@pytest.fixture
def remote(tmp_path):
    memory = fsspec.filesystem("memory")
    memory.pipe("/videos/a.mp4", draw_video(tmp_path / "a.mp4", [(1, 12)]).read_bytes())
    memory.pipe("/videos/bad.mp4", b"text")
    yield "memory://videos"
    memory.rm("/videos", recursive=True)


def test_a_remote_video_keeps_its_address_and_has_a_copy(remote, tmp_path):
    videos, _ = read(remote, scratch=tmp_path / "scratch")
    video = videos["a.mp4"]
    assert video.path == "memory:///videos/a.mp4"
    assert local_file(video).startswith(str(tmp_path / "scratch"))
    assert video.metadata.num_frames == 12


def test_a_lost_copy_is_made_again(remote, tmp_path):
    videos, _ = read(remote, scratch=tmp_path / "scratch")
    forget(videos["a.mp4"])
    assert Path(local_file(videos["a.mp4"])).read_bytes() == (tmp_path / "a.mp4").read_bytes()


def test_a_remote_file_that_is_refused_leaves_no_copy(remote, tmp_path):
    assert len(rejections(f"{remote}/bad.mp4", tmp_path / "scratch")) == 1
    assert list((tmp_path / "scratch").rglob("*.mp4")) == []


def test_a_local_video_stays_where_it_is(tmp_path):
    path = draw_video(tmp_path / "a.mp4", [(1, 3)])
    videos, _ = read(path, scratch=tmp_path / "scratch")
    forget(videos["a.mp4"])
    assert local_file(videos["a.mp4"]) == str(path)
    assert path.exists()
