from pathlib import Path

import numpy as np
import pytest
from audio.sounds import av_file, sound_file, tone

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import SpeechTrack, blocks, open_audio, read_span


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [("WAV", "PCM_U8"), ("WAV", "MS_ADPCM"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", None)],
)
def test_samples_are_counted(kind: str, subtype: str | None) -> None:
    recording = open_audio(sound_file(tone(1.5), format=kind, subtype=subtype))
    assert (recording.rate, recording.channels) == (16_000, 1)
    # MS ADPCM fills its last block.
    assert 24_000 <= recording.samples <= 24_600


def test_blocks_are_the_whole_file_in_order() -> None:
    samples = np.hstack([tone(2.5), -tone(2.5)])
    recording = open_audio(sound_file(samples, subtype="FLOAT"))
    parts = list(blocks(recording, 1.0))
    assert [part.shape for part in parts] == [(16_000, 2), (16_000, 2), (8_000, 2)]
    assert np.array_equal(np.concatenate(parts), samples)
    assert recording.seconds == 2.5


def test_a_span_is_averaged_and_resampled() -> None:
    samples = np.hstack([tone(2.0, rate=48_000), tone(2.0, rate=48_000, level=0.1)])
    span = read_span(sound_file(samples, rate=48_000, subtype="FLOAT"), 0.5, 1.25)
    wanted = tone(2.0, level=0.2)[8_000:20_000, 0]
    assert span.shape == (12_000,)
    assert np.abs(span - wanted)[200:-200].max() < 1e-3


@pytest.mark.parametrize(("container", "codec"), [("adts", "aac"), ("mp4", "aac")])
def test_what_soundfile_does_not_read_is_read_by_pyav(container: str, codec: str) -> None:
    data = av_file(tone(6.0, rate=48_000), container=container, codec=codec)
    recording = open_audio(data)
    assert (recording.rate, recording.channels, recording.codec) == (48_000, 1, "aac")
    assert recording.seconds == pytest.approx(6.0, abs=0.05)
    whole = np.concatenate(list(blocks(recording)))[:, 0]
    span = read_span(data, 4.0, 4.5, 48_000)
    assert np.abs(span - whole[192_000:216_000]).max() < 0.01


def test_a_span_of_mp3_is_as_in_the_whole():
    noise = np.random.default_rng(1).normal(0, 0.1, (160_000, 1)).astype(np.float32)
    data = sound_file(noise, format="MP3")
    whole = np.concatenate(list(blocks(open_audio(data))))[:, 0]
    assert np.abs(read_span(data, 6.1, 7.3) - whole[97_600:116_800]).max() < 1e-4


def test_the_track_for_speech_is_the_same_in_blocks() -> None:
    data = sound_file(tone(3.0, rate=44_100), rate=44_100, subtype="FLOAT")
    recording = open_audio(data)
    track = SpeechTrack(recording.rate)
    parts = [track.feed(block) for block in blocks(recording, 0.7)] + [track.finish()]
    whole = read_span(data, 0, 3)
    assert len(np.concatenate(parts)) == len(whole) == 48_000
    assert np.abs(np.concatenate(parts) - whole).max() < 1e-3


def test_a_cut_file_gives_what_is_there_and_says_so() -> None:
    data = sound_file(tone(3.0), format="FLAC")
    recording = open_audio(data[: len(data) // 2])
    assert 0 < recording.samples < 48_000
    assert any("cut" in note for note in recording.notes)


def test_a_wav_whose_recorder_was_killed_is_read_to_its_end() -> None:
    data = bytearray(sound_file(tone(1.0), subtype="PCM_16"))
    at = data.index(b"data") + 4
    data[at : at + 4] = bytes(4)
    assert open_audio(bytes(data)).samples == 16_000


def test_what_is_no_number_is_silence() -> None:
    samples = tone(1.0)
    samples[100:104] = [[np.nan], [np.inf], [-np.inf], [1e30]]
    recording = open_audio(sound_file(samples, subtype="FLOAT"))
    assert (next(blocks(recording, 2.0))[100:104] == 0).all()
    assert recording.samples == 16_000
    assert recording.notes == ["4 samples are no numbers and were taken for silence"]


def test_samples_far_beyond_full_scale_are_noted() -> None:
    recording = open_audio(sound_file(tone(1.0, level=500.0), subtype="FLOAT"))
    assert recording.samples == 16_000
    assert recording.notes == [
        "its samples reach 500.0 times full scale: what is written is clipped"
    ]
    soft = open_audio(sound_file(tone(1.0, level=1.5), subtype="FLOAT"))
    assert (soft.samples, soft.notes) == (16_000, [])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is empty"),
        (b"RIFF nothing", "no audio in a format that is known"),
        (sound_file(np.zeros((0, 1), np.float32)), "has no"),
        (sound_file(tone(1.0), rate=100), "has a rate of 100 Hz"),
        (sound_file(np.zeros((10, 65), np.float32)), "has 65 channels"),
    ],
)
def test_what_is_no_recording_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(AudioError, match=reason):
        open_audio(data)


def test_the_name_of_a_file_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "concat:a.raw"
    path.write_bytes(sound_file(tone(1.0), format="FLAC"))
    assert open_audio(str(path)).seconds == 1.0


def test_a_file_of_many_channels_is_read() -> None:
    recording = open_audio(sound_file(np.repeat(tone(0.1, rate=192_000), 8, axis=1), rate=192_000))
    assert (recording.channels, recording.seconds) == (8, 0.1)
