import numpy as np
import pytest
import soundfile

from curator_audio.speakers.diarize import (
    Diarization,
    DiarizeSpeakers,
    SingleSpeakerFilterStage,
    diarize,
    speaker_facts,
)
from curator_audio.speakers.turns import Turn
from curator_audio.task import AudioTask
from curator_engine.errors import SettingsError


class Signs:
    """Hears who speaks by the sign of the samples."""

    def embed(self, clips):
        return np.array([[1, 0] if clip.mean() > 0 else [0, 1] for clip in clips], np.float32)


def two_people(start, end):
    """The first speaks until second 6."""
    times = np.arange(round(start * 16000), round(end * 16000)) / 16000
    return np.where(times < 6, 0.5, -0.5).astype(np.float32)


def test_turns_follow_the_voices():
    found = diarize(two_people, [(0.0, 4.0), (4.0, 9.0)], voices=Signs())
    assert [turn.speaker for turn in found.turns] == ["speaker_0", "speaker_1"]
    assert found.turns[0].end_s == pytest.approx(6.0, abs=0.4)
    assert (found.turns[1].end_s, found.speakers) == (9.0, 2)
    assert diarize(two_people, [], voices=Signs()).turns == []


def test_facts_of_a_span():
    turns = [Turn(start_s=0, end_s=6, speaker="a"), Turn(start_s=6, end_s=9, speaker="b")]
    found = Diarization(turns=turns, overlaps=[(5.0, 7.0)])
    facts = speaker_facts(found, (4.0, 8.0))
    assert facts == {"speaker": "a", "speaker_share": 0.5, "overlap_share": 0.5}
    assert speaker_facts(found, (20.0, 20.0))["speaker"] == ""


def test_people_of_a_recording_are_told_apart(speech_folder, tmp_path):
    from curator_audio.read.decode import read_span

    spans = [("jfk.flac", 0.5, 3.5), ("2412-153948-0000.flac", 1.0, 4.0), ("jfk.flac", 7.8, 10.5)]
    clips = [read_span(str(speech_folder / name), start, end) for name, start, end in spans]
    soundfile.write(tmp_path / "talk.wav", np.concatenate(clips), 16000)
    segments = [{"start": 0.0, "end": 3.0}, {"start": 3.0, "end": 6.0}, {"start": 6.0, "end": 8.7}]
    stage = DiarizeSpeakers(rttm_out_dir=str(tmp_path / "rttm"), device="cpu")
    stage.setup()
    entry = {"audio_filepath": str(tmp_path / "talk.wav"), "segments": segments}
    found = stage.process(AudioTask(data=entry)).data
    stage.teardown()
    assert [each["speaker"] for each in found["segments"]] == [
        "speaker_0",
        "speaker_1",
        "speaker_0",
    ]
    assert found["num_speakers"] == 2
    assert max(each["overlap_share"] for each in found["segments"]) < 0.5
    assert (tmp_path / "rttm" / "talk.rttm").read_text().startswith("SPEAKER talk 1 0.000")


def test_segments_of_several_speakers_go():
    one = {"speaker_share": 1.0, "overlap_share": 0.0}
    several = [{**one, "speaker_share": 0.6}, {**one, "overlap_share": 0.2}, {}]
    stage = SingleSpeakerFilterStage()
    kept = stage.process(AudioTask(data={"segments": [one, *several]}))
    assert kept is not None
    assert kept.data["segments"] == [one]
    assert stage.process(AudioTask(data={"num_speakers": 1})) is not None
    assert stage.process(AudioTask(data={"num_speakers": 2})) is None


@pytest.mark.parametrize("options", [{"threshold": 2.0}, {"max_speakers": -1}])
def test_settings_are_checked(options):
    with pytest.raises(SettingsError):
        DiarizeSpeakers(**options)
