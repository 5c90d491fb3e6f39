import numpy as np
import pytest
from audio.sounds import sound_file, tone

from curator_audio.models.silero import SileroVad
from curator_audio.read.decode import open_audio, read_span
from curator_audio.recordings.hear import hear


def test_one_decode_serves_measures_and_speech():
    data = sound_file(np.hstack([tone(3, rate=22_050), tone(3, rate=22_050)]), rate=22_050)
    vad = SileroVad()
    heard = hear(open_audio(data), vad=vad)
    assert heard.seconds == 3
    assert heard.scores["copied_channels"] == 1
    assert len(heard.levels.energies) == 300
    assert heard.tones is not None
    assert heard.tones.ratio() == 1
    alone = vad.probabilities(read_span(data, 0, 3))
    # soxr's stream and its one call round apart.
    assert heard.speech == pytest.approx(alone, abs=1e-3)


def test_speech_is_left_out_unless_asked_for():
    heard = hear(open_audio(sound_file(tone(0.5))))
    assert heard.speech.shape == (0,)
    assert heard.scores["duration_s"] == 0.5


def test_others_listen_to_the_same_decode_of_a_span():
    data = sound_file(tone(3.0, rate=48_000), rate=48_000, subtype="FLOAT")
    blocks, track = [], []
    heard = hear(
        open_audio(data), start_s=0.5, end_s=1.5, on_block=[blocks.append], on_track=[track.append]
    )
    assert heard.seconds == 1.0
    assert np.array_equal(np.concatenate(blocks), tone(3.0, rate=48_000)[24_000:72_000])
    assert len(np.concatenate(track)) == 16_000
