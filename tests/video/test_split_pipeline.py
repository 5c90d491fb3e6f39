"""The pipeline of `split`: its stages, and the workflow from Python."""

import pytest

from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_video.pipelines.split import SplitWorkflow, build, drop_clips, recorded
from curator_video.settings import SplitSettings


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


def test_where_it_runs_is_no_part_of_the_result():
    one = SplitSettings(inputs=["in"], output="out", workers=1)
    two = SplitSettings(inputs=["in"], output="out", workers=2, executor="xenna", resume=True)
    assert recorded(one) == recorded(two)


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
