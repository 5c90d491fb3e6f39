"""Bars around and writing over drawn stills."""

import numpy as np
import pytest
from PIL import Image, ImageDraw
from video.media import Shot, draw_frames

from curator_video.scores.overlay import bars, letterbox_ratio, text_ratio

SIZE = (256, 144)


def moving(count=8, speed=12.0, seed=3):
    shot = Shot(seed=seed, frames=count, speed=speed)
    return np.array(list(draw_frames([shot], size=SIZE))).mean(axis=3).astype(np.float32)


def boxed(stills, high=0, wide=0, level=2.0):
    out = stills.copy()
    for rows in (slice(0, high), slice(out.shape[1] - high, None)):
        out[:, rows] = level
    for columns in (slice(0, wide), slice(out.shape[2] - wide, None)):
        out[:, :, columns] = level
    return out


def written(stills, text="subtitles that stay here"):
    out = []
    for still in stills:
        picture = Image.fromarray(still.astype(np.uint8))
        ImageDraw.Draw(picture).text((50, 120), text, fill=255, stroke_width=1, stroke_fill=0)
        out.append(np.asarray(picture, np.float32))
    return np.array(out)


def test_bars_above_and_below_are_found():
    assert bars(boxed(moving(), high=18)) == (pytest.approx(18 / 144), 0)


def test_bars_left_and_right_are_found():
    assert bars(boxed(moving(), wide=32)) == (0, pytest.approx(32 / 256))


def test_the_ratio_is_the_area_of_all_bars():
    found = letterbox_ratio(boxed(moving(), high=18, wide=32))
    assert found == pytest.approx(1 - 0.75 * 0.75)


def test_a_scene_without_bars_has_none():
    assert letterbox_ratio(moving()) == 0


def test_a_dark_sky_is_no_bar():
    stills = moving()
    stills[:, :60] = 3
    assert letterbox_ratio(stills) == 0


def test_a_light_in_the_dark_has_no_bars():
    across, down = np.meshgrid(np.linspace(-2, 2, 256), np.linspace(-2, 2, 144))
    light = 230 * np.exp(-2 * (across**2 + down**2))
    assert letterbox_ratio(np.repeat(light[None].astype(np.float32), 4, axis=0)) == 0


def test_a_title_on_black_has_no_bars():
    title = np.zeros((4, 144, 256), np.float32)
    title[:, 64:80, 96:160] = 240
    assert letterbox_ratio(title) == 0


def test_a_blurred_border_is_where_it_was():
    stills = boxed(moving(), high=18)
    mixed = (stills + np.roll(stills, 1, axis=1) + np.roll(stills, -1, axis=1)) / 3
    assert bars(mixed.astype(np.float32))[0] == pytest.approx(18 / 144, abs=1 / 144)


def test_a_clip_that_is_dark_all_over_has_no_bars():
    assert letterbox_ratio(np.zeros((4, 144, 256), np.float32)) == 0


def test_bars_with_the_noise_of_compression_are_found():
    noise = np.random.default_rng(0).uniform(0, 4, (8, 144, 256)).astype(np.float32)
    assert bars(boxed(moving(), high=18, level=0) + noise)[0] == pytest.approx(18 / 144)


def test_writing_is_found():
    assert text_ratio(moving()) < 0.005
    assert text_ratio(written(moving())) > 0.02


def test_more_writing_is_more():
    twice = written(moving(), "subtitles that stay here\nand another line of it")
    assert text_ratio(twice) > 1.4 * text_ratio(written(moving()))


def test_a_texture_that_moves_is_no_writing():
    stripes = np.zeros((8, 144, 256), np.float32)
    for i in range(8):
        stripes[i, :, (np.arange(256) // 3 + i) % 2 == 0] = 200
    assert text_ratio(stripes) == 0


@pytest.mark.parametrize("size", [(0, 144, 256), (3, 4, 256), (3, 144, 9), (1, 27, 48)])
def test_any_size_is_looked_at(size):
    assert text_ratio(np.zeros(size, np.float32)) == 0
