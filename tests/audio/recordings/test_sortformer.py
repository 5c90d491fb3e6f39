from types import SimpleNamespace

import pytest
from audio.sounds import sound_file, tone
from audio.speech import SaysTurns, write_talk

from curator_audio.recordings.sortformer import InferenceSortformerStage
from curator_audio.speakers.rttm import parse_rttm
from curator_audio.task import AudioTask
from curator_engine.errors import InputError, ResourceError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline


@pytest.fixture
def path(tmp_path):
    (tmp_path / "talk.wav").write_bytes(sound_file(tone(4)))
    return str(tmp_path / "talk.wav")


def heard(entry, model, **settings):
    stage = InferenceSortformerStage(diar_model=model, **settings)
    stage.setup()
    return stage.process(AudioTask(data=entry)).data


def test_turns_are_set_and_written_as_rttm(path, tmp_path):
    model = SaysTurns("2.0 9.0 speaker_1", "0.0 1.5 speaker_0")
    out = str(tmp_path / "rttm")
    entry = {"audio_filepath": path, "session_name": "../call"}
    found = heard(entry, model, rttm_out_dir=out)
    assert found["diar_segments"] == [
        {"start": 0.0, "end": 1.5, "speaker": "speaker_0"},
        {"start": 2.0, "end": 4.0, "speaker": "speaker_1"},
    ]
    text = (tmp_path / "rttm" / "call.rttm").read_text()
    assert [turn.seconds for turn in parse_rttm(text, where="")["call"]] == [1.5, 2.0]
    part = heard({"audio_filepath": path, "offset": 1.0, "duration": 1.5}, model)
    assert [row["start"] for row in part["diar_segments"]] == [1.0, 2.0]
    assert model.asked == [path, path]


def test_a_streaming_model_is_told_how_much_to_hear(path):
    model = SaysTurns()
    modules = SimpleNamespace(chunk_len=0, fifo_len=0, other=5)
    vars(model)["sortformer_modules"] = modules
    assert heard({"audio_filepath": path}, model, chunk_len=12)["diar_segments"] == []
    assert vars(modules) == {"chunk_len": 12, "fifo_len": 40, "other": 5}


def test_our_own_model_serves_in_a_pipeline(tmp_path):
    talk = write_talk(tmp_path / "talk.wav")
    stage = InferenceSortformerStage(model_path="campplus")
    tasks = Pipeline("s", stages=[stage]).run(
        LocalExecutor(), initial_tasks=[AudioTask(data={"audio_filepath": talk})]
    )
    assert {row["speaker"] for row in tasks[0].data["diar_segments"]} == {"speaker_0", "speaker_1"}


def test_what_cannot_be_is_said(path):
    with pytest.raises(ResourceError, match="nemo_toolkit"):
        InferenceSortformerStage().setup()
    with pytest.raises(SettingsError):
        InferenceSortformerStage(chunk_len=-1)
    with pytest.raises(InputError, match="no start"):
        heard({"audio_filepath": path}, SaysTurns("nothing"))
