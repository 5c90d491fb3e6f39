import numpy as np
import pytest
from audio.speech import recording

from curator_audio.models.dnsmos import WINDOW, Dnsmos, log_mels


def test_scores_are_those_of_the_package():
    # speechmos 0.0.1.1 says: ovrl 3.313120, sig 3.632536, bak 4.051284, p808 3.802303.
    samples = recording("libri-1088-134315-0000.wav")[:WINDOW]
    assert Dnsmos().scores(samples) == pytest.approx(
        {
            "dnsmos_sig": 3.632536,
            "dnsmos_bak": 4.051284,
            "dnsmos_ovrl": 3.313120,
            "dnsmos_p808": 3.802303,
        },
        abs=1e-3,
    )


def test_a_tone_is_in_the_mels_of_its_frequency():
    time = np.arange(16_000) / 16_000
    mels = log_mels(np.sin(2 * np.pi * 1000 * time).astype(np.float32))
    assert mels.shape == (100, 120)
    assert mels.max() == 1
    # 15 of 45.2 mels, in 121 steps.
    assert int(mels[50].argmax()) == pytest.approx(39, abs=1)
    assert log_mels(np.zeros(1600, np.float32)).max() == 1
