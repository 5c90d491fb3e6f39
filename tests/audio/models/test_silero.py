import numpy as np
import pytest

from curator_audio.models import silero
from curator_audio.models.silero import ManyWindows, OneWindow, SileroVad
from curator_engine.errors import ResourceError


@pytest.fixture(scope="module")
def vad():
    return SileroVad()


def sound(size):
    random = np.random.default_rng(0)
    return (0.1 * random.normal(size=size) * np.sin(np.arange(size) / 3000)).astype(np.float32)


def test_one_window_after_another_gives_what_many_at_once_give(vad):
    samples = sound(512 * 40 + 3)
    one = SileroVad()
    one.form = OneWindow()
    assert isinstance(vad.form, ManyWindows)
    assert one.probabilities(samples) == pytest.approx(vad.probabilities(samples), abs=1e-6)


def test_without_torch_a_window_at_a_time_is_heard(monkeypatch):
    def missing():
        raise ResourceError("not installed")

    monkeypatch.setattr(silero, "ManyWindows", missing)
    assert isinstance(SileroVad().form, OneWindow)


def test_pieces_do_not_matter(vad):
    samples = sound(512 * 1100 + 77)
    whole = vad.probabilities(samples)
    assert whole.shape == (1101,)
    stream = vad.stream()
    parts = [stream.add(samples[:5]), stream.add(samples[5:9000]), stream.add(samples[9000:])]
    assert [len(part) for part in parts] == [0, 0, 1024]
    assert np.array_equal(np.concatenate((*parts, stream.finish())), whole)


def test_silence_is_no_speech_and_nothing_has_no_windows(vad):
    assert vad.probabilities(np.zeros(8000, np.float32)).max() < 0.1
    assert vad.probabilities(np.zeros(0, np.float32)).shape == (0,)
