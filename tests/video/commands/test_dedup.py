"""`curator-video dedup` on the folder of a run that the writer wrote."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from curator_engine.commands.cli import Console
from curator_engine.commands.item_jobs import dedup_items
from curator_engine.errors import InputError
from curator_engine.files.output_folder import take
from curator_engine.running.run_record import write_record
from curator_engine.vectors.matrix import unit_rows
from curator_video.clips.clip_table import CLIPS
from curator_video.clips.write import WriteClips
from curator_video.commands.clip_app import CLIP_APP
from curator_video.result_settings import DedupSettings
from curator_video.task import Clip, Encoded, Video, VideoMetadata, VideoTask

run = partial(dedup_items, CLIP_APP)

QUIET = Console(quiet=True)
NEAR = {"copy": "large", "copy2": "large"}
NAMES = ("small", "large", "copy", "copy2", "other", "bad")


def clip(folder: Path, number: int, name: str) -> Clip:
    """A clip whose vector is that of `large` if it is a copy; `bad` was dropped by motion."""
    file = folder / f"{name}.mp4"
    file.write_bytes(name.encode())
    width = 640 if name == "large" else 320
    each = Clip(
        uuid=name,
        source_video="a.mp4",
        span=(number * 4.0, number * 4.0 + 4),
        frames=(number * 96, number * 96 + 96),
        scores={"sharpness": 30.0},
        encoded=Encoded(
            path=str(file),
            width=width,
            height=width * 9 // 16,
            framerate=24.0,
            num_frames=96,
            video_codec="h264",
            audio_codec="",
            num_bytes=len(name),
            start=number * 4.0,
        ),
    )
    vector = np.eye(1, 32, {"other": 3, "small": 5}.get(name, 0))[0]
    each.embeddings["fingerprint"] = unit_rows((vector + 0.02 * np.eye(1, 32, 8 + number))[:1])[0]
    if name == "bad":
        each.drop("motion", "motion_global_mean 0 < 0.00098")
    return each


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of one video with six clips."""
    scratch, output = tmp_path / "scratch", tmp_path / "out"
    scratch.mkdir()
    clips = [clip(scratch, number, name) for number, name in enumerate(NAMES)]
    facts = VideoMetadata(width=640, height=360, framerate=24.0, duration=24.0)
    video = Video(path="a.mp4", relative_path="a.mp4", metadata=facts, clips=clips)
    parts = str(tmp_path / "parts")
    with take(str(output), job="split"):
        WriteClips(output=str(output), parts=parts).process(VideoTask(data=video))
        CLIPS.join_parts(parts, str(output))
    record = {"job": "split", "version": "0", "status": "done", "facts": {}, "settings": {}}
    with take(str(output), job="split", mode="resume"):
        write_record(str(output), record)
    return output


def dedup(folder: Path, **options):
    return run(DedupSettings(inputs=[str(folder)], **options), QUIET)


def kept(folder: Path) -> list[str]:
    return [row["uuid"] for row in CLIPS.read(str(folder)).to_pylist() if row["keep"]]


def files(folder: Path, name="clips") -> list[str]:
    return sorted(path.stem for path in (folder / name).iterdir())


def test_duplicates_are_listed_with_the_clip_that_stays(folder: Path):
    result = dedup(folder)
    rows = pq.read_table(folder / "duplicates.parquet").to_pylist()
    assert {row["id"]: row["kept_id"] for row in rows} == NEAR
    assert {row["group"] for row in rows} == {0}
    assert (result.summary["duplicates"], result.summary["groups"]) == (2, 1)


def test_without_apply_nothing_is_moved(folder: Path):
    before = (folder / "clips.parquet").read_bytes()
    dedup(folder)
    assert (folder / "clips.parquet").read_bytes() == before
    assert files(folder) == ["copy", "copy2", "large", "other", "small"]


def test_apply_marks_moves_and_updates(folder: Path):
    assert dedup(folder, apply=True).summary["moved"] == 2
    assert kept(folder) == ["small", "large", "other"]
    assert files(folder) == ["large", "other", "small"]
    row = next(r for r in CLIPS.read(str(folder)).to_pylist() if r["uuid"] == "copy")
    assert row["drop_stage"] == "dedup"
    assert row["drop_reason"].startswith("similarity 0.99")
    assert row["drop_reason"].endswith(" to large")
    assert row["path"] == "filtered_clips/copy.mp4"
    meta = json.loads((folder / "metas/v0/copy.json").read_text())
    assert (meta["valid"], meta["drop_stage"]) == (False, "dedup")
    assert files(folder, "filtered_clips") == ["bad", "copy", "copy2"]


def test_the_clip_with_most_detail_stays_or_the_first(folder: Path):
    dedup(folder, apply=True)
    assert kept(folder) == ["small", "large", "other"]
    table = CLIPS.read(str(folder))
    order = [row["uuid"] for row in table.to_pylist()]
    swapped = [order.index(n) for n in ("copy", "small", "large", "copy2", "other", "bad")]
    CLIPS.write(str(folder), table.take(swapped))
    dedup(folder, apply=True, keep="first")
    assert sorted(kept(folder)) == ["copy", "other", "small"]


def test_again_with_another_eps_clips_come_back(folder: Path):
    dedup(folder, apply=True)
    dedup(folder, apply=True, eps=0.00001)
    assert files(folder) == ["copy", "copy2", "large", "other", "small"]
    assert sorted(kept(folder)) == files(folder)


def test_what_other_stages_dropped_is_not_compared(folder: Path):
    assert dedup(folder, apply=True).summary["clips"] == 5
    row = next(r for r in CLIPS.read(str(folder)).to_pylist() if r["uuid"] == "bad")
    assert row["drop_stage"] == "motion"


def test_twice_is_as_once(folder: Path):
    dedup(folder, apply=True)
    first = (folder / "clips.parquet").read_bytes()
    assert dedup(folder, apply=True).summary["moved"] == 0
    assert (folder / "clips.parquet").read_bytes() == first


def test_a_call_that_was_stopped_between_files_is_ended_by_the_next(folder: Path):
    (folder / "clips/copy.mp4").rename(folder / "filtered_clips/copy.mp4")
    assert dedup(folder, apply=True).summary["moved"] == 1
    assert kept(folder) == ["small", "large", "other"]
    assert files(folder, "filtered_clips") == ["bad", "copy", "copy2"]


def test_the_histogram_is_kept(folder: Path):
    dedup(folder)
    facts = json.loads((folder / "dedup.json").read_text())
    assert sum(facts["histogram"]["counts"]) == 4
    assert facts["eps"] == 0.08


def test_clips_without_embedding_are_counted(folder: Path):
    (path,) = (folder / "fingerprint_embd_parquet").iterdir()
    table = pq.read_table(path)
    pq.write_table(table.slice(0, 3), path)
    assert dedup(folder).summary["without_embedding"] == 2


def test_a_run_without_embeddings_is_refused(folder: Path):
    for path in (folder / "fingerprint_embd_parquet").iterdir():
        path.unlink()
    (folder / "fingerprint_embd_parquet").rmdir()
    with pytest.raises(InputError, match="holds no embeddings"):
        dedup(folder)


def test_unknown_embeddings_name_those_that_are_there(folder: Path):
    with pytest.raises(InputError, match="'ce1'; there are fingerprint"):
        dedup(folder, embedding="ce1")


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match=r"run\.json"):
        dedup(tmp_path)
