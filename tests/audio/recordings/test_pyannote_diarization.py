from types import SimpleNamespace

import pytest
from audio.sounds import sound_file, tone
from audio.speech import write_talk

from curator_audio.recordings.pyannote_diarization import PyAnnoteDiarizationStage, has_overlap
from curator_audio.task import AudioTask
from curator_engine.errors import ResourceError, SettingsError


def time(start, end):
    return SimpleNamespace(start=start, end=end)


class Annotation:
    """As pyannote's: turns with names, and the times of several speakers."""

    def itertracks(self, yield_label):
        assert yield_label
        yield from [(time(5, 6), 0, "B"), (time(0, 4), 1, "A"), (time(5.5, 9), 2, "A")]
        yield from [(time(9.2, 9.5), 3, "B"), (time(10, 22), 4, "B")]

    def get_overlap(self):
        return [time(5.5, 6)]


class Pauses:
    """Finds a pause after every second."""

    def get_vad_segments(self, audio, merge_max_length, sample_rate):
        count = audio.shape[1] // sample_rate
        return [{"start": float(i), "end": i + 0.9} for i in range(count)]


@pytest.fixture
def path(tmp_path):
    (tmp_path / "call.wav").write_bytes(sound_file(tone(20)))
    return str(tmp_path / "call.wav")


def diarized(path, **settings):
    def pipeline(heard):
        assert heard["waveform"].shape == (1, heard["sample_rate"] * 20)
        return SimpleNamespace(speaker_diarization=Annotation())

    stage = PyAnnoteDiarizationStage(_pipeline=pipeline, _vad_model=Pauses(), **settings)
    stage.setup()
    entry = {"resampled_audio_filepath": path, "audio_item_id": "x"}
    return stage.process(AudioTask(data=entry)).data


def test_turns_become_segments_of_one_speaker(path, tmp_path):
    found = diarized(path, max_length=6.0, rttm_out_dir=str(tmp_path / "rttm"))
    rows = found["segments"]
    spoken = [row for row in rows if row["speaker"] != "no-speaker"]
    assert spoken[0] == {"speaker": "x_A", "start": 0, "end": 4}
    assert all(row["speaker"] == "x_B" and row["start"] >= 10 for row in spoken[1:])
    assert all(row["end"] - row["start"] <= 6 for row in rows)
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)
    assert rows[-1]["end"] == pytest.approx(20)
    assert found["overlap_segments"] == [
        {"speaker": "x_B", "start": 5, "end": 6},
        {"speaker": "x_A", "start": 5.5, "end": 9},
    ]
    assert diarized(path, max_length=6.0)["segments"] == rows
    text = (tmp_path / "rttm" / "call.rttm").read_text()
    assert len(text.splitlines()) == 5
    assert sorted(each.name for each in tmp_path.iterdir()) == ["call.wav", "rttm"]


def test_models_of_our_own_serve(tmp_path):
    talk = write_talk(tmp_path / "talk.wav")
    stage = PyAnnoteDiarizationStage(
        audio_filepath_key="path", model_name="campplus", vad_model="silero", max_length=2.0
    )
    stage.setup()
    rows = stage.process(AudioTask(data={"path": talk})).data["segments"]
    assert {row["speaker"] for row in rows} >= {"talk_speaker_0", "talk_speaker_1"}
    assert all(row["end"] - row["start"] <= 2.001 for row in rows)


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        ((0, 0.9), False),
        ((0, 1), True),
        ((1.2, 1.4), True),
        ((0, 5), True),
        ((2, 3), True),
        ((2.1, 3), False),
    ],
)
def test_a_turn_shares_a_moment_with_another(other, shares):
    assert has_overlap(time(1, 2), [time(*other)]) is shares


def test_what_cannot_be_is_said():
    with pytest.raises(ResourceError, match=r"needs pyannote\.audio"):
        PyAnnoteDiarizationStage().setup()
    with pytest.raises(SettingsError):
        PyAnnoteDiarizationStage(min_length=50)
    with pytest.raises(SettingsError):
        PyAnnoteDiarizationStage(embedding_batch_size=0)
    assert PyAnnoteDiarizationStage(xenna_num_workers=2).num_workers() == 2
