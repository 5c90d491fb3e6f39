import io

import numpy as np
import pytest
import soundfile
from audio.sounds import tone

from curator_audio.recordings.opus_file import OpusFile, opus_rate


def made(samples, *, pieces):
    file = io.BytesIO()
    with OpusFile(file, rate=16_000, channels=1) as target:
        for part in np.array_split(samples, pieces):
            target.write(part)
    return file.getvalue()


def test_the_same_samples_are_the_same_bytes_however_they_come():
    samples = tone(1.0)
    data = made(samples, pieces=1)
    assert made(samples, pieces=7) == data
    again, rate = soundfile.read(io.BytesIO(data))
    assert (len(again), rate) == (pytest.approx(len(samples), abs=8), 16_000)
    assert np.corrcoef(again[: len(samples)], samples[: len(again), 0])[0, 1] > 0.99


def test_without_samples_there_is_no_sound():
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.read(io.BytesIO(made(np.zeros((0, 1), np.float32), pieces=1)))


def test_a_rate_is_the_next_that_keeps_all():
    assert [opus_rate(each) for each in (8_000, 11_025, 44_100, 96_000)] == [
        8_000,
        12_000,
        48_000,
        48_000,
    ]
