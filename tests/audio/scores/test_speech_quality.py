import numpy as np
import pytest
from audio.speech import recording

from curator_audio.models.dnsmos import WINDOW, Dnsmos
from curator_audio.scores.speech_quality import SCORES, quality_span, speech_quality


@pytest.fixture(scope="module")
def model():
    return Dnsmos()


@pytest.fixture(scope="module")
def short():
    """Half a second."""
    return (0.1 * np.random.default_rng(0).normal(size=8000)).astype(np.float32)


def test_a_room_is_heard(model):
    clean, room = (
        speech_quality(model, recording(f"libri-1088-134315-0000{name}.wav"))
        for name in ("", "_rvb")
    )
    assert clean["dnsmos_ovrl"] > room["dnsmos_ovrl"]


def test_short_speech_is_repeated_and_all_windows_give_their_mean(model, short):
    window = np.resize(short, WINDOW)
    one = model.scores(window)
    assert tuple(one) == SCORES
    assert speech_quality(model, short) == one
    both = speech_quality(model, np.concatenate((window, window)), windows="all")
    assert both == pytest.approx(one)


def test_one_window_is_the_middle(model, short):
    silence = np.zeros(1000, np.float32)
    samples = np.concatenate((silence, np.resize(short, WINDOW), silence))
    assert speech_quality(model, samples) == speech_quality(model, short)


def test_nothing_has_no_quality(model, short):
    assert speech_quality(model, short[:1599]) == {}


def test_only_the_seconds_of_the_window_are_needed():
    assert quality_span(10, 15) == (10, 15)
    assert quality_span(10, 30) == pytest.approx((15.495, 24.505))
