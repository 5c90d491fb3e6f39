import pickle
from typing import Any

import pytest
from audio.speech import SaysTurns, write_talk

from curator_audio.recordings.audio_data_filter import AudioDataFilterStage
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.resources import Resources

OFF = {"enable": False}
WITHOUT_NETWORKS: dict[str, Any] = {"utmos": OFF, "sigmos": OFF}
NAMES = ["BandFilter", "UTMOS", "SIGMOS"]


def stages(**config: Any) -> dict[str, Any]:
    return {each.name: each for each in AudioDataFilterStage(config=config).flatten()}


@pytest.mark.parametrize(
    ("config", "names"),
    [
        (
            {},
            ["VAD", *NAMES, "SegmentConcat", "SpeakerSeparation", "VAD_Speaker"]
            + [f"{name}_Speaker" for name in NAMES],
        ),
        ({"speaker_separation": OFF}, ["VAD", *NAMES]),
        (
            {"vad": OFF},
            [*NAMES, "SpeakerSeparation", *(f"{name}_Speaker" for name in NAMES)],
        ),
        ({"vad": OFF, "speaker_separation": OFF, "band_filter": OFF, **WITHOUT_NETWORKS}, []),
    ],
)
def test_what_is_on_runs_in_order(config, names):
    assert [*stages(**config)] == ["MonoConversion", *names, "TimestampMapper"]


def test_settings_reach_their_stages(tmp_path):
    path = tmp_path / "c.yaml"
    path.write_text("utmos:\n  mos_threshold: 4.0\nvad: {gpus: 0.5}\n", encoding="utf-8")
    config = {"utmos": {"mos_threshold": 4.5}, "sigmos": {"model_path": "net.onnx"}}
    stage: Any = AudioDataFilterStage(config_path=str(path), config=config)
    found = {each.name: each for each in pickle.loads(pickle.dumps(stage)).flatten()}
    assert found["UTMOS"].mos_threshold == found["UTMOS_Speaker"].mos_threshold == 4.5
    assert (found["VAD"].nested, found["VAD_Speaker"].nested) == (True, False)
    assert found["VAD"].resources == Resources(cpus=1.0, gpus=0.5)
    assert found["SIGMOS_Speaker"].model_path == "net.onnx"
    assert not stages()["SpeakerSeparation"].resources.requires_gpu
    assert not stages(speaker_separation=OFF)["VAD"].nested
    with pytest.raises(SettingsError, match=r"utmos\.most is no setting of UTMOSFilterStage"):
        AudioDataFilterStage(config={"utmos": {"most": 1}})


def filtered(path, **config: Any):
    stage: Any = AudioDataFilterStage(config={**WITHOUT_NETWORKS, **config})
    tasks: list[Any] = [AudioTask(data={"audio_filepath": path})]
    found = Pipeline("filter", stages=[stage]).run(LocalExecutor(), initial_tasks=tasks)
    return [task.data for task in found]


@pytest.fixture
def talk(tmp_path):
    return write_talk(tmp_path / "talk.wav")


RATE = {"output_sample_rate": 16_000}
SHORT = {"min_duration_sec": 0.5}


def test_speech_of_each_speaker_is_found_in_the_recording(talk, tmp_path):
    model = SaysTurns("0.0 2.5 a", "3.2 5.5 b", "6.0 8.0 a")
    speakers = {"diar_model": model, "buffer_time": 0.0}
    config = {"mono_conversion": RATE, "vad": SHORT, "speaker_separation": speakers}
    carried = filtered(talk, **config)
    assert {entry["speaker_id"] for entry in carried} == {"a", "b"}
    for entry in carried:
        assert entry["original_file"] == talk
        assert 0 <= entry["original_start_ms"] < entry["original_end_ms"] <= 8_700
        assert entry["band_prediction"] == "full_band"
        assert not {"waveform", "segments"} & entry.keys()
    joined = filtered(talk, **config, concatenation={"output_dir": str(tmp_path / "joined")})
    assert [entry["original_start_ms"] for entry in joined] == [
        entry["original_start_ms"] for entry in carried
    ]


def test_without_speech_the_turns_of_a_speaker_stay(talk):
    model = SaysTurns("0.0 2.5 a", "3.2 5.5 b", "6.0 8.0 a")
    config = {"mono_conversion": RATE, "vad": OFF, "speaker_separation": {"diar_model": model}}
    first, second = filtered(talk, **config)
    assert [(turn["start"], turn["end"]) for turn in first["diar_segments"]] == [
        (0.0, 2.5),
        (6.0, 8.0),
    ]
    assert (second["original_start_ms"], second["original_end_ms"]) == (3200, 5500)


def test_recordings_of_another_rate_and_band_are_gone(talk):
    assert filtered(talk, speaker_separation=OFF) == []
    narrow = {"mono_conversion": RATE, "band_filter": {"band_value": "narrow_band"}}
    assert filtered(talk, speaker_separation=OFF, vad=OFF, **narrow) == []
