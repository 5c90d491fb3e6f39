import numpy as np
import pytest

from curator_audio.models.overlap_network import OverlapNetwork


@pytest.fixture(scope="module")
def network():
    return OverlapNetwork(device="cpu")


def test_two_at_once_are_heard_and_one_is_not_two(network, speech_folder):
    from curator_audio.read.decode import read_span

    first, second = (
        read_span(str(speech_folder / name), 1.0, 9.0)
        for name in ("2412-153948-0000.flac", "jfk.flac")
    )
    both = first / np.abs(first).max() + second / np.abs(second).max()
    mixed = np.concatenate([first[:64000], both[64000:]]).astype(np.float32)
    heard = network.listen(mixed)
    half = len(heard) // 2
    assert heard[:, 0].mean() > 0.9
    assert heard[:half, 1].mean() < 0.1
    assert heard[half:, 1].mean() > 0.5


def test_a_long_clip_has_a_frame_for_each_moment(network):
    noise = np.random.default_rng(0).normal(0, 0.01, 16000 * 21).astype(np.float32)
    heard = network.listen(noise)
    assert len(heard) == (len(noise) - 991) // 270 + 1
    assert heard[:, 0].mean() < 0.5
    assert network.listen(noise[:500]).shape == (0, 2)
