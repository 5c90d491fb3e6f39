from typing import Any

from curator_audio.recordings.split_align_join import SplitASRAlignJoinStage
from curator_audio.recordings.split_long_audio import (
    JoinSplitAudioMetadataStage,
    SplitLongAudioStage,
)
from curator_audio.transcripts.align_stage import NeMoASRAlignerStage
from curator_engine.resources import Resources


def test_it_cuts_hears_and_joins_with_the_settings_of_each():
    stages: list[Any] = SplitASRAlignJoinStage(
        suggested_max_len=60.0, min_len=2.0, decoder_type="ctc", text_key="said", split_dir="parts"
    ).flatten()
    assert [type(stage) for stage in stages] == [
        SplitLongAudioStage,
        NeMoASRAlignerStage,
        JoinSplitAudioMetadataStage,
    ]
    split, align, join = stages
    assert (split.suggested_max_len, split.min_len, split.split_dir) == (60.0, 2.0, "parts")
    assert (align.min_len, align.decoder_type, align.batch_size) == (2.0, "ctc", 100)
    assert align.resources == Resources(gpus=1)
    assert align.text_key == join.text_key == "said"


def test_it_runs_on_cpus_where_that_is_asked_for():
    on_cpus = SplitASRAlignJoinStage().with_stages({"NeMoASRAligner": {"resources": Resources()}})
    assert not on_cpus.flatten()[1].resources.requires_gpu


def test_parameters_stand_in_the_order_of_nemo_curator():
    stage: Any = SplitASRAlignJoinStage
    assert stage(60.0, 2.0, "org/model").model_name == "org/model"
