import pytest
from audio.sounds import sound_file, tone
from audio.speech import speech_path

from curator_audio.recordings.whisperx_vad import SileroSegments, WhisperXVADStage, merged
from curator_audio.segments.speech_spans import Span
from curator_audio.task import AudioTask
from curator_engine.errors import ResourceError, SettingsError


def segments(path, **settings):
    stage = WhisperXVADStage(audio_filepath_key="path", vad_model="silero", **settings)
    stage.setup()
    return stage.process(AudioTask(data={"path": path[0], **path[1]})).data["vad_segments"]


def test_speech_is_found_by_the_model_that_is_there():
    path = speech_path("2412-153948-0001.flac")
    whole = segments((path, {}))
    assert 0 < whole[0]["start"] < 2
    assert 9 < whole[-1]["end"] <= 10.51
    short = segments((path, {}), max_length=2.0)
    assert len(short) > len(whole)
    assert all(row["end"] - row["start"] <= 2.001 for row in short)
    part = segments((path, {"offset": 4.0, "duration": 3.0}))
    assert all(4 <= row["start"] < row["end"] <= 7.001 for row in part)
    assert segments((path, {"offset": 4.0, "duration": 0.3})) == []


def test_samples_of_any_rate_and_channels_are_heard():
    samples = tone(1, rate=8_000).T
    assert SileroSegments().get_vad_segments(samples, 30.0, sample_rate=8_000) == []


def test_segments_are_joined_up_to_a_length():
    spans = [Span(0, 2), Span(3, 4), Span(4.5, 9), Span(10, 22)]
    assert merged(spans, most_s=5) == [
        *(Span(0, 4), Span(4.5, 9), Span(10, 14), Span(14, 18), Span(18, 22)),
    ]


@pytest.mark.parametrize(
    "wrong", [{"min_length": -1}, {"max_length": 0.1}, {"vad_onset": 0.2}, {"vad_offset": 0}]
)
def test_settings_are_checked(wrong):
    with pytest.raises(SettingsError):
        WhisperXVADStage(**wrong)


def test_whisperx_is_said_to_be_missing(tmp_path):
    (tmp_path / "tone.wav").write_bytes(sound_file(tone(1)))
    with pytest.raises(ResourceError, match="needs whisperx"):
        WhisperXVADStage().setup()
