"""The pipeline of `split`: its stages, and the workflow from Python."""

import ctypes
from pathlib import Path
from typing import Any

import fake_rapids
import pytest
from filter_toys import files_of
from video.media import draw_video

from curator_engine.commands.cli import Console, run_app
from curator_engine.errors import SettingsError
from curator_engine.executors.actor_pool import RayActorPoolExecutor
from curator_engine.executors.local import LocalExecutor
from curator_video.cli import JOBS
from curator_video.clips.clip_table import CLIPS
from curator_video.commands.split import Split
from curator_video.pipelines.split import SplitWorkflow, build, drop_clips, recorded
from curator_video.report.summary import read_summary
from curator_video.scores.score_clips import ScoreClips
from curator_video.settings import SplitSettings
from curator_video.shots.find_shots import FindShots


def names(**options):
    settings = SplitSettings(inputs=["in"], output="out", **options)
    return [type(stage).__name__ for stage in build(settings).stages]


def test_the_stages_come_in_order():
    assert names() == [
        *("FilePartitioner", "ReadVideo", "AnalyseVideo", "FindShots", "ScoreClips", "DropClips"),
        *("EmbedClips", "ChunkClips", "TranscodeClips", "PreviewClips", "WriteClips"),
    ]


def test_what_is_off_is_not_there():
    assert {"EmbedClips", "PreviewClips"}.isdisjoint(names(embed="off", previews=False))


def test_the_limits_are_those_of_the_settings():
    stage = drop_clips(SplitSettings(sharpness="filter", min_sharpness=7.0))
    assert [(limit.score, limit.value, limit.least) for limit in stage.limits] == [
        ("sharpness", 7.0, True)
    ]


@pytest.mark.parametrize(("aesthetic", "model"), [("off", ""), ("score", "m"), ("filter", "m")])
def test_an_aesthetic_score_that_is_off_is_not_computed(aesthetic, model):
    settings = SplitSettings(
        inputs=["in"], output="out", aesthetic=aesthetic, aesthetic_model="m", aesthetic_head="h"
    )
    (stage,) = (each for each in build(settings).stages if isinstance(each, ScoreClips))
    assert stage.aesthetic_model == model


def test_where_it_runs_is_no_part_of_the_result():
    one = SplitSettings(inputs=["in"], output="out", workers=1)
    two = SplitSettings(inputs=["in"], output="out", workers=2, executor="xenna", resume=True)
    assert recorded(one) == recorded(two)


def test_the_local_executor_hands_out_no_gpus_so_models_leave_them_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", fake_rapids.cdll)
    settings = SplitSettings(inputs=["in"], output="out")
    local = SplitWorkflow(settings=settings).pipeline.stages
    pool = SplitWorkflow(settings=settings, executor=RayActorPoolExecutor()).pipeline.stages
    shares = [
        [s.resources.gpus for s in each if isinstance(s, FindShots)] for each in (local, pool)
    ]
    assert shares == [[0.0], [0.25]]


def test_a_workflow_needs_an_output():
    with pytest.raises(SettingsError):
        SplitWorkflow(settings=SplitSettings(inputs=["in"]))


def test_a_workflow_runs_from_python(finished_run, tmp_path):
    settings = SplitSettings(
        inputs=[str(finished_run.parent / "in/one.mp4")],
        output=str(tmp_path / "out"),
        detector="content",
        clip_len="1..4",
        encoder="copy",
    )
    result = SplitWorkflow(settings=settings).run(LocalExecutor())
    assert result.get_metadata("summary")["num_processed_videos"] == 1


def test_shards_joined_are_one_run_over_all_videos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    for i in range(3):
        draw_video(Path(f"in/{i}.mp4"), [(i + 1, 30), (i + 2, 30)], size=(96, 64))
    how: Any = {
        "inputs": ["in"],
        "workers": 1,
        "detector": "content",
        "clip_len": "1..4",
        "quiet": True,
    }
    console = Console(quiet=True)
    Split.as_command(SplitSettings(output="one", **how), console)
    for i in range(2):
        Split.as_command(SplitSettings(output="parts", shard=f"{i}/2", **how), console)
    assert run_app("v", JOBS, version="1", argv=["merge", "parts", "-o", "whole", "-q"]) == 0
    names = ("clips", "filtered_clips", "metas", "previews", "processed_videos", "quarantine")
    assert files_of(Path("whole"), *names) == files_of(Path("one"), *names)
    assert CLIPS.read("whole").equals(CLIPS.read("one"))
    one, whole = (read_summary(out) for out in ("one", "whole"))
    assert {name for name in one if one[name] != whole[name]} <= {
        "pipeline_run_time",
        "times_real_time",
    }
