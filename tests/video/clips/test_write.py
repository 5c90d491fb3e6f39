"""The output folder."""

import json
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pyarrow.parquet as pq
import pytest
from video.drawn_clips import EqualParts
from video.media import draw_video

from curator_engine.errors import StorageError
from curator_engine.executors.local import LocalExecutor
from curator_engine.files.manifest import note_folder
from curator_engine.files.output_folder import take
from curator_engine.files.storage import write_atomic
from curator_engine.pipeline import Pipeline
from curator_engine.stages.files import FilePartitioner
from curator_video.clips.chunk import ChunkClips
from curator_video.clips.clip_table import CLIPS
from curator_video.clips.preview import PreviewClips
from curator_video.clips.transcode import TranscodeClips
from curator_video.clips.write import WriteClips
from curator_video.read.analyse import AnalyseVideo
from curator_video.read.read_video import ReadVideo
from curator_video.task import Clip, Encoded, Video, VideoTask


def chunk(scratch: Path, *, index=0, chunks=1, names=("a", "b"), path="in/v.mp4") -> VideoTask:
    """Two clips with files of a few bytes; the second is dropped."""
    scratch.mkdir(parents=True, exist_ok=True)
    clips = []
    for i, name in enumerate(names):
        file = scratch / f"{name}.mp4"
        write_atomic(str(file), name.encode() * 10)
        clip = Clip(uuid=name, source_video=path, span=(i, i + 1), frames=(i, i + 1))
        clip.encoded = Encoded(
            path=str(file),
            width=32,
            height=16,
            framerate=24.0,
            num_frames=1,
            video_codec="h264",
            audio_codec="",
            num_bytes=10,
            start=float(i),
        )
        clip.embeddings = {"fingerprint": np.full(4, 0.5, np.float32)}
        clips.append(clip)
    clips[-1].drop("motion", "still")
    video = Video(
        path=path,
        relative_path="sub/v.mp4",
        clips=clips,
        clip_chunk_index=index,
        num_clip_chunks=chunks,
        num_total_clips=2 * chunks,
    )
    return VideoTask(data=video, task_id=str(index))


def stage(tmp_path: Path, **options) -> WriteClips:
    return WriteClips(output=str(tmp_path / "out"), parts=str(tmp_path / "parts"), **options)


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_the_layout_is_that_of_nemo_curator(tmp_path):
    stage(tmp_path).process(chunk(tmp_path / "scratch"))
    part = uuid5(NAMESPACE_URL, "in/v.mp4_0")
    assert sorted(files(tmp_path / "out")) == [
        "clips/a.mp4",
        "filtered_clips/b.mp4",
        f"fingerprint_embd_parquet/{part}.parquet",
        "metas/v0/a.json",
        "metas/v0/b.json",
        "processed_clip_chunks/sub/v.mp4_0.json",
        "processed_videos/sub/v.mp4.json",
    ]


def test_a_meta_says_where_its_clip_lies(tmp_path):
    stage(tmp_path).process(chunk(tmp_path / "scratch"))
    metas = [json.loads((tmp_path / f"out/metas/v0/{n}.json").read_text()) for n in ("a", "b")]
    assert [meta["clip_location"] for meta in metas] == ["clips/a.mp4", "filtered_clips/b.mp4"]
    assert [meta["valid"] for meta in metas] == [True, False]


def test_embeddings_are_lists_of_fixed_size(tmp_path):
    stage(tmp_path).process(chunk(tmp_path / "scratch"))
    (path,) = (tmp_path / "out/fingerprint_embd_parquet").iterdir()
    table = pq.read_table(path)
    assert str(table.schema.field("embedding").type) == "fixed_size_list<element: float>[4]"
    assert table.column("id").to_pylist() == ["a", "b"]


def test_the_part_is_given_back_and_holds_the_rows(tmp_path):
    result = stage(tmp_path).process(chunk(tmp_path / "scratch"))
    assert [Path(path).parent for path in result.data] == [tmp_path / "parts"]
    table = CLIPS.join_parts(str(tmp_path / "parts"), str(tmp_path / "out"))
    assert table.column("path").to_pylist() == ["clips/a.mp4", "filtered_clips/b.mp4"]


def test_the_same_chunk_again_gives_the_same_files(tmp_path):
    task = chunk(tmp_path / "scratch")
    stage(tmp_path).process(task)
    before = files(tmp_path)
    # Once with the files moved already, as after a crash, and once with new ones.
    stage(tmp_path).process(task)
    stage(tmp_path).process(chunk(tmp_path / "scratch"))
    assert files(tmp_path) == before


def test_a_file_that_is_gone_is_said(tmp_path):
    task = chunk(tmp_path / "scratch")
    (tmp_path / "scratch/a.mp4").unlink()
    with pytest.raises(StorageError, match=r"a.mp4 is gone before it was written"):
        stage(tmp_path).process(task)


def test_a_video_without_clips_is_recorded(tmp_path):
    video = Video(path="in/v.mp4", relative_path="v.mp4", errors={"split": "no shot"})
    stage(tmp_path).process(VideoTask(data=video))
    record = json.loads((tmp_path / "out/processed_videos/v.mp4.json").read_text())
    assert (record["num_total_clips"], record["errors"]) == (0, ["split: no shot"])


def test_a_path_cannot_lead_out_of_the_folder(tmp_path):
    task = chunk(tmp_path / "scratch")
    task.data.relative_path = "../../up.mp4"
    stage(tmp_path).process(task)
    assert (tmp_path / "out/processed_videos/up.mp4.json").exists()


def test_a_path_that_is_not_utf8_is_written_by_its_name(tmp_path):
    stage(tmp_path).process(chunk(tmp_path / "scratch", path="in/caf\udce9.mp4"))
    rows = CLIPS.join_parts(str(tmp_path / "parts"), str(tmp_path / "out"))
    assert set(rows.column("source_video").to_pylist()) == {"in/caf%E9.mp4"}


def test_the_output_may_be_remote(tmp_path):
    import fsspec

    output = f"memory://{tmp_path.name}"
    scratch = tmp_path / "scratch"
    with take(str(scratch), job="scratch", mode="share"):
        WriteClips(output=output, parts=f"{output}/parts").process(chunk(scratch))
    found = fsspec.filesystem("memory").find(f"/{tmp_path.name}")
    assert f"/{tmp_path.name}/clips/a.mp4" in found
    assert len(found) == 8
    assert [path.name for path in scratch.iterdir()] == [".curator"]


def test_a_track_goes_with_the_last_chunk_if_that_is_asked_for(ours, tmp_path):
    track = Path(ours, "track")
    note_folder(str(track))
    track.mkdir()
    there = []
    for index in (1, 0):
        task = chunk(tmp_path / "scratch", index=index, chunks=2, names=(f"a{index}", f"b{index}"))
        task.data.track = str(track)
        stage(tmp_path, remove_tracks=True).process(task)
        there.append(track.exists())
    assert there == [True, False]


def test_parts_of_a_killed_run_are_removed_before_a_resumed_one(ours, tmp_path):
    for name in ("kept.parquet", "half.parquet"):
        write_atomic(f"{ours}/parts/{name}", b"")
    stage(tmp_path).resume(frozenset({str(tmp_path / "parts/kept.parquet")}))
    assert [path.name for path in (tmp_path / "parts").iterdir()] == ["kept.parquet"]


def test_numbers_of_numpy_are_written_as_numbers(tmp_path):
    task = chunk(tmp_path / "scratch")
    score: Any = np.float32(0.5)
    task.data.clips[0].scores["sharpness"] = score
    stage(tmp_path).process(task)
    assert json.loads((tmp_path / "out/metas/v0/a.json").read_text())["scores"] == {
        "sharpness": 0.5
    }


@pytest.mark.long
def test_two_workers_give_the_same_files_as_one(tmp_path):
    (tmp_path / "in/sub").mkdir(parents=True)
    draw_video(tmp_path / "in/sub/a.mp4", [(1, 60), (2, 60)], audio=True)
    draw_video(tmp_path / "in/b.mkv", [(3, 45)])
    results = []
    for workers in (1, 2):
        out = tmp_path / f"out{workers}"
        pipeline = Pipeline(
            "cut",
            stages=[
                FilePartitioner(file_paths=str(tmp_path / "in"), file_extensions=[".mp4", ".mkv"]),
                ReadVideo(scratch=str(out / ".cache")),
                AnalyseVideo(scratch=str(out / ".cache")),
                EqualParts(),
                ChunkClips(num_clips_per_chunk=4),
                TranscodeClips(scratch=str(out / ".cache")),
                PreviewClips(output=str(out)),
                WriteClips(output=str(out), parts=str(out / ".cache/parts"), remove_tracks=True),
            ],
        )
        tasks = pipeline.run(LocalExecutor({"workers": workers} if workers > 1 else {}))
        assert len(tasks) == 3
        CLIPS.join_parts(str(out / ".cache/parts"), str(out))
        # The marker and the manifest are not results.
        own = (".cache", ".curator")
        found = {name: data for name, data in files(out).items() if not name.startswith(own)}
        results.append(found)
        left = files(out / ".cache")
        assert not [name for name in left if not name.startswith(("parts/", ".curator/"))]
    assert results[0] == results[1]
    assert sum(name.startswith("clips/") for name in results[0]) == 8
    assert sum(name.startswith("previews/") for name in results[0]) == 8
