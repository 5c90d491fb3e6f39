import numpy as np
import pytest
from audio.sounds import sound_file, tone

from curator_audio.read.audio_error import AudioError
from curator_audio.read.entry_samples import entry_samples


def test_a_file_or_a_span_of_it(tmp_path):
    path = tmp_path / "tone.wav"
    path.write_bytes(sound_file(tone(2, rate=48_000), rate=48_000))
    entry = {"audio_filepath": str(path)}
    assert entry_samples(entry, rate=16_000).shape == (32_000,)
    assert entry_samples({**entry, "offset": 0.5, "duration": 1}, rate=16_000).shape == (16_000,)


def test_samples_that_an_entry_carries():
    stereo = np.stack([np.full(8_000, 0.5), np.full(8_000, -0.5)])
    entry = {"waveform": stereo, "sample_rate": 8_000}
    found = entry_samples(entry, rate=16_000, waveform_key="waveform")
    assert found.shape == (16_000,)
    assert found.dtype == np.float32
    assert not found.any()


@pytest.mark.parametrize(
    "entry",
    [
        *({}, {"waveform": "text", "sample_rate": 8_000}, {"waveform": [0.0], "sample_rate": 0}),
        {"waveform": np.zeros((2, 2, 2)), "sample_rate": 8_000},
    ],
)
def test_entries_without_samples_say_so(entry):
    with pytest.raises(AudioError):
        entry_samples(entry, rate=16_000, waveform_key="waveform")
    with pytest.raises(AudioError):
        entry_samples({}, rate=16_000)
