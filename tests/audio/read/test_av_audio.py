import io

import numpy as np
from audio.sounds import sound_file, tone

from curator_audio.read.av_audio import av_facts, av_pieces


def test_whole_numbers_become_fractions_of_full_scale() -> None:
    for subtype in ("PCM_16", "PCM_32", "PCM_U8"):
        data = sound_file(np.hstack([tone(0.2), -tone(0.2)]), subtype=subtype)
        facts = av_facts(io.BytesIO(data), "a")
        whole = np.concatenate(list(av_pieces(io.BytesIO(data), "a", facts)))
        assert np.abs(whole[:, 0] - tone(0.2)[:, 0]).max() < 0.01
        assert np.abs(whole[:, 1] + tone(0.2)[:, 0]).max() < 0.01


def test_pieces_begin_at_the_sample_that_is_asked_for() -> None:
    data = sound_file(tone(3.0), subtype="PCM_16")
    facts = av_facts(io.BytesIO(data), "a")
    rest = np.concatenate(list(av_pieces(io.BytesIO(data), "a", facts, first=40_001)))
    assert len(rest) == 48_000 - 40_001
    assert np.abs(rest - tone(3.0)[40_001:]).max() < 1e-3
