import numpy as np
import pytest
from audio.sounds import sound_file, tone
from audio.speech import SaysTurns, write_talk

from curator_audio.recordings.speaker_separation import (
    SpeakerSeparationStage,
    SpeakerSeparator,
    load_audio,
)
from curator_audio.task import AudioTask
from curator_engine.errors import ResourceError, SettingsError
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline

SAID = ("0.0 4.0 a", "3.0 6.0 b", "6.05 8.0 b", "9.0 9.3 c")


@pytest.fixture
def path(tmp_path):
    (tmp_path / "talk.wav").write_bytes(sound_file(tone(10)))
    return str(tmp_path / "talk.wav")


def separator(**config):
    return SpeakerSeparator(config=config, diar_model=SaysTurns(*SAID))


def test_times_of_one_speaker_alone(path):
    alone = separator(speaker_exclude_overlaps=True).process_audio(path)
    assert alone == {"a": [(0.0, 2.5)], "b": [(4.5, 8.0)]}
    shared = separator(speaker_min_duration=0.2).process_audio(path)
    assert shared == {"a": [(0.0, 3.0)], "b": [(3.0, 8.0)], "c": [(9.0, 9.3)]}
    assert separator().process_audio(path, min_duration=4.0) == {"b": [(3.0, 8.0)]}


def test_what_each_speaker_says_is_silent_while_others_speak(path):
    samples, rate = load_audio(path)
    assert (samples.shape, rate) == ((1, 160_000), 16_000)
    found = separator().get_speaker_audio_data(samples, rate, exclude_overlaps=True)
    assert found.keys() == separator().get_speaker_audio_data(path).keys() == {"a", "b"}
    audio, seconds, spans = found["b"]
    assert (seconds, spans) == (3.5, [(4.5, 8.0)])
    assert audio.shape == (160_000,)
    assert (audio[72_000:128_000] == samples[0, 72_000:128_000]).all()
    assert not np.any(audio[:72_000])
    with pytest.raises(SettingsError, match="sample_rate"):
        separator().process_audio(samples)


def test_an_entry_becomes_one_for_each_speaker(path):
    stage = SpeakerSeparationStage(diar_model=SaysTurns(*SAID))
    pipeline = Pipeline("s", stages=[stage])

    def speakers(**entry):
        task = AudioTask(data={"audio_filepath": path, "text": "hello", **entry})
        return [t.data for t in pipeline.run(LocalExecutor(), initial_tasks=[task])]

    first, second = speakers()
    assert (first["speaker_id"], first["num_speakers"], first["duration_sec"]) == ("a", 2, 2.5)
    assert second["segments"] == [{"start": 4.5, "end": 8.0, "speaker": "b"}]
    assert first["text"] == second["text"] == "hello"
    (only,) = speakers(offset=5.0, duration=2.0)
    assert only["segments"] == [{"start": 5.0, "end": 7.0, "speaker": "b"}]
    assert speakers(offset=9.5) == []


def test_samples_that_an_entry_carries_stay_as_they_are(path):
    samples, rate = load_audio(path)
    stage = SpeakerSeparationStage(diar_model=SaysTurns(*SAID))
    stage.setup()
    found = stage.process(AudioTask(data={"waveform": samples, "sample_rate": rate}))
    assert found is not None
    assert [each.data["speaker_id"] for each in found] == ["a", "b"]
    assert all(each.data["waveform"] is samples for each in found)


def test_our_own_model_serves(tmp_path):
    talk = write_talk(tmp_path / "talk.wav")
    stage = SpeakerSeparationStage(model_path="campplus", buffer_time=0.0)
    stage.setup()
    found = stage.process(AudioTask(data={"audio_filepath": talk}))
    stage.teardown()
    assert found is not None
    assert [each.data["speaker_id"] for each in found] == ["speaker_0", "speaker_1"]
    assert all(each.data["duration_sec"] > 2 for each in found)


def test_what_cannot_be_is_said():
    with pytest.raises(ResourceError, match="nemo_toolkit"):
        SpeakerSeparator()
    with pytest.raises(SettingsError):
        SpeakerSeparationStage(buffer_time=-1)
