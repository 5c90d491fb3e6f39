import pytest
from audio.drawn_sounds import RATE, faster, voice

from curator_audio.duplicates.align import align, loudness_of
from curator_audio.duplicates.fingerprint import fingerprint, levels_in
from curator_audio.duplicates.sound_index import Candidate


def _side(samples):
    levels = levels_in(fingerprint(samples)["levels"])
    return levels, loudness_of(levels)


def _at(offset, speed=1.0):
    return Candidate(item=0, votes=9, offset=offset, speed=speed)


def test_a_rough_place_becomes_an_exact_one():
    whole = voice(4)
    part = faster(whole[2 * RATE : 5 * RATE], 1.03)
    found = align(_side(part), _side(whole), _at(2.02, 1.034))
    assert found is not None
    assert found.similarity > 0.95
    assert found.offset == pytest.approx(2, abs=0.005)
    assert found.speed == pytest.approx(1.03, abs=0.001)
    assert found.overlap == pytest.approx(1, abs=0.01)


def test_the_overlap_is_a_share_of_the_shorter():
    whole = voice(4)
    found = align(_side(whole[: 4 * RATE]), _side(whole[3 * RATE :]), _at(-3.0))
    assert found is not None
    assert found.overlap == pytest.approx(1 / 3, abs=0.02)
    assert found.offset == pytest.approx(-3, abs=0.005)


def test_another_voice_is_hopeless_or_far_below():
    found = align(_side(voice(4)), _side(voice(5)), _at(0.0), hopeless=-1)
    assert found is not None
    assert found.similarity < 0.5
    assert align(_side(voice(4)), _side(voice(5)), _at(0.0), hopeless=0.5) is None
