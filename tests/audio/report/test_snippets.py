import numpy as np

from curator_audio.report.snippets import outline


def test_an_outline_is_as_high_as_the_loudest_sample():
    wave = outline(np.concatenate([np.zeros(1200, np.float32), np.ones(1200, np.float32)]))
    bars = wave.split("M")[1:]
    assert len(bars) == 120
    assert bars[0] == "0 19.5h.8v1.0h-.8z"
    assert bars[-1] == "119 0.0h.8v40.0h-.8z"
