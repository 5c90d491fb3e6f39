import numpy as np
import pytest
import soundfile
from audio.sounds import sound_file, tone

from curator_audio.read.decode import open_audio
from curator_audio.recordings.cut_file import cut_file


@pytest.mark.parametrize(("subtype", "kind"), [("PCM_16", "int16"), ("PCM_24", "int32")])
def test_every_sample_is_as_it_was(tmp_path, subtype, kind):
    loud = np.array([[1.0], [-1.0], [0.99997], [-0.99997]], np.float32)
    source = tmp_path / "a.wav"
    source.write_bytes(sound_file(np.concatenate([tone(1.0, level=0.9), loud]), subtype=subtype))
    written = cut_file(open_audio(str(source)), str(tmp_path / "b.flac"), (0.25, None))
    before, _ = soundfile.read(source, dtype=kind)
    after, rate = soundfile.read(tmp_path / "b.flac", dtype=kind)
    assert (rate, written.samples) == (16_000, len(after))
    assert np.array_equal(after, before[4_000:])


def test_rate_and_channels_become_what_is_asked_for(tmp_path):
    stereo = np.hstack([tone(1.0, rate=48_000), tone(1.0, rate=48_000)])
    recording = open_audio(sound_file(stereo, rate=48_000))
    path = str(tmp_path / "a.wav")
    written = cut_file(recording, path, (0.5, 1.0), audio_format="wav", rate=16_000, mono=True)
    samples, rate = soundfile.read(path)
    assert (samples.shape, rate, written.channels) == ((8_000,), 16_000, 1)
    assert np.abs(samples - tone(1.0)[8_000:, 0])[100:-100].max() < 1e-3


def test_more_channels_than_flac_holds_become_wav(tmp_path):
    recording = open_audio(sound_file(np.repeat(tone(0.1), 10, axis=1)))
    written = cut_file(recording, str(tmp_path / "a.wav"), (0.0, None))
    assert (written.ending, written.channels) == ("wav", 10)


def test_opus_takes_the_next_rate_and_two_channels(tmp_path):
    recording = open_audio(sound_file(np.hstack([tone(0.5, rate=22_050)] * 2), rate=22_050))
    path = str(tmp_path / "a.opus")
    written = cut_file(recording, path, (0.0, None), audio_format="opus")
    assert (written.ending, written.rate, written.channels) == ("opus", 24_000, 2)
    again = open_audio(path)
    assert (again.codec, again.channels) == ("OPUS", 2)
    assert again.seconds == pytest.approx(0.5, abs=1e-3)
    three = open_audio(sound_file(np.repeat(tone(0.1), 3, axis=1)))
    path = str(tmp_path / "b.flac")
    assert cut_file(three, path, (0.0, None), audio_format="opus").ending == "flac"
