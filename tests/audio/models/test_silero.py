import numpy as np
import pytest

from curator_audio.models.onnx_session import package_session
from curator_audio.models.silero import SileroVad


@pytest.fixture(scope="module")
def vad():
    return SileroVad()


def sound(size):
    random = np.random.default_rng(0)
    return (0.1 * random.normal(size=size) * np.sin(np.arange(size) / 3000)).astype(np.float32)


def test_probabilities_are_those_of_one_window_after_another(vad):
    samples = sound(512 * 40)
    session = package_session("silero_vad", "data/silero_vad_16k_op15.onnx")
    state, context, expected = np.zeros((2, 1, 128), np.float32), np.zeros(64, np.float32), []
    for window in samples.reshape(-1, 512):
        given = {"input": np.concatenate((context, window))[None], "state": state}
        found, state = session.run(None, {**given, "sr": np.array(16_000)})
        expected.append(np.asarray(found)[0, 0])
        context = window[-64:]
    assert vad.probabilities(samples) == pytest.approx(np.array(expected), abs=1e-6)


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
