import math

import numpy as np
import pytest
from audio.sounds import sound_file, tone

from curator_audio.read.audio_error import AudioError
from curator_audio.read.decode import blocks
from curator_audio.read.entry_recording import entry_recording


def test_samples_come_before_the_file():
    entry = {"waveform": tone(1)[:, 0], "sample_rate": 16_000, "audio_filepath": "gone.wav"}
    recording, start, end = entry_recording({**entry, "start_ms": 500, "end_ms": 900})
    assert (recording.rate, recording.channels, start, end) == (16_000, 1, 0.0, math.inf)
    assert np.array_equal(np.concatenate([*blocks(recording)]), tone(1))
    stereo = np.stack([tone(1)[:, 0]] * 2)
    assert entry_recording({"waveform": stereo, "sample_rate": np.int64(8_000)})[0].channels == 2


def test_else_it_is_a_span_of_the_file(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(sound_file(tone(1)))
    recording, *span = entry_recording(
        {"audio_filepath": str(path), "start_ms": 250, "end_ms": 500}
    )
    assert (recording.source, span) == (str(path), [0.25, 0.5])


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"waveform": np.ones(9)},
        {"waveform": np.ones(9), "sample_rate": 0},
        {"waveform": np.ones(9), "sample_rate": "high"},
        {"waveform": np.ones((1, 0)), "sample_rate": 8_000},
        {"waveform": np.ones((1, 1, 9)), "sample_rate": 8_000},
    ],
)
def test_what_has_no_sound_is_told(entry):
    with pytest.raises(AudioError, match="an entry"):
        entry_recording(entry)
