"""Sharpness and blockiness of drawn frames."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from curator_video.read.measures import measure_frame


def scene(height=360, width=640, seed=0):
    """A smooth picture with detail, grey."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(40, 200, (9, 16), dtype=np.uint8))
    fine = Image.fromarray(random.integers(0, 60, (72, 128), dtype=np.uint8))
    whole = [np.asarray(each.resize((width, height), 3), np.float32) for each in (coarse, fine)]
    return (whole[0] + whole[1]).clip(0, 255).astype(np.uint8)


def blurred(picture, radius):
    return np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(radius)))


def blocked(picture, share):
    """The picture with the 8x8 blocks' means mixed in."""
    height, width = picture.shape
    means = picture.reshape(height // 8, 8, width // 8, 8).mean(axis=(1, 3))
    flat = np.kron(means, np.ones((8, 8)))
    return (share * flat + (1 - share) * picture).round().astype(np.uint8)


def test_a_blurred_frame_is_less_sharp():
    sharp = [measure_frame(blurred(scene(), radius))["sharpness"] for radius in (0, 1, 3, 9)]
    assert sharp == sorted(sharp, reverse=True)
    assert sharp[0] > 5 * sharp[2]


def test_sharpness_hardly_changes_with_the_size():
    small, large = (measure_frame(scene(h, h * 16 // 9))["sharpness"] for h in (360, 1080))
    assert large == pytest.approx(small, rel=0.25)


def test_a_flat_frame_has_neither():
    assert measure_frame(np.full((180, 320), 77, np.uint8)) == {"sharpness": 0, "blockiness": 0}


def test_blocks_are_seen():
    clean, some, many = (measure_frame(blocked(scene(), s))["blockiness"] for s in (0, 0.5, 1))
    assert clean < 0.05
    assert 0.5 < some < many


def test_noise_is_not_blocky():
    noise = np.random.default_rng(1).integers(0, 255, (360, 640), dtype=np.uint8)
    assert measure_frame(noise)["blockiness"] < 0.05


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 3), (17, 15), (33, 35), (719, 1279)])
def test_any_size_is_measured(size):
    found = measure_frame(np.random.default_rng(0).integers(0, 255, size, dtype=np.uint8))
    assert all(np.isfinite(value) and value >= 0 for value in found.values())
