import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs, flash

from curator_video.shots.likeness import UNLIKE, across, outlines, unlike, unlike_lit, unlike_moved


def test_a_picture_with_more_light_in_other_colours_is_hardly_unlike():
    thumbs = draw_thumbs([(1, 2)])
    thumbs[1] = thumbs[1] * (0.5, 0.3, 0.6)
    old, new = outlines(thumbs)
    assert unlike(old[None], new[None])[0] < 0.2


def test_two_pictures_are_unlike_and_one_that_has_scrolled_is_not():
    page = np.random.default_rng(1).integers(0, 255, (60, 48, 1)).repeat(3, axis=2)
    thumbs = np.stack([page[:27], page[8:35], page[33:]]).astype(np.uint8)
    old, scrolled, other = outlines(thumbs)
    assert unlike_moved(old, scrolled) < 0.1 < 0.5 < unlike_moved(old, other)


def test_what_comes_back_within_some_frames_is_not_unlike():
    thumbs = draw_thumbs([(1, 30), (2, 30)])
    thumbs = flash(thumbs, 10, 3)
    thumbs[20:24] = 0
    low, dark, cut = across(thumbs, [10, 20, 30])
    assert max(low, dark) < UNLIKE < cut


def test_a_flat_picture_is_not_unlike_by_its_noise():
    random = np.random.default_rng(1)
    flat = random.integers(8, 11, (2, 27, 48, 3)).astype(np.uint8)
    assert across(flat, [1])[0] < UNLIKE


def test_a_shot_of_six_frames_is_unlike_though_the_first_comes_back():
    thumbs = draw_thumbs([Shot(seed=seed, frames=6, speed=0) for seed in (1, 2, 1)])
    assert across(thumbs, [6, 12]).min() > UNLIKE


def test_a_picture_of_many_colours_in_light_of_another_colour_is_the_same():
    still, other = draw_thumbs([Shot(seed=seed, frames=1, speed=0) for seed in (1, 2)])
    lit = [(still * light).astype(np.uint8) for light in ((0.2, 0.2, 1.0), (1.0, 0.3, 0.1))]
    assert unlike_lit(*lit) < 0.4 < 0.8 < unlike_lit(still, other)
    assert across(np.array([lit[0]] * 6 + [lit[1]] * 6), [6])[0] < UNLIKE


def test_a_flash_that_whites_out_half_of_the_picture_is_no_other_picture():
    still = draw_thumbs([Shot(seed=1, frames=1, speed=0)])[0]
    bright = (still * 1.9 + 40.0).clip(0, 255).astype(np.uint8)
    assert unlike_lit(still, bright) < 0.4


def test_what_is_too_dark_says_nothing_of_light():
    dark = np.random.default_rng(1).integers(0, 9, (2, 27, 48, 3)).astype(np.uint8)
    assert unlike_lit(*dark) == 1


@pytest.mark.parametrize("seed", [2, 4, 6])
def test_a_page_of_fine_text_that_scrolls_is_the_same_page(seed):
    page = text_page(seed)
    at = [0] * 6 + [40] * 6
    assert across(np.stack([seen_small(page, y) for y in at]), [6])[0] < UNLIKE


def test_another_page_of_fine_text_is_another_picture():
    pages = [seen_small(text_page(seed), 0) for seed in (1, 2)]
    assert across(np.stack([pages[0]] * 6 + [pages[1]] * 6), [6])[0] > UNLIKE


def text_page(seed):
    """Lines of words 4 pixels high, every 8, with headings; shape (400, 256)."""
    random = np.random.default_rng(seed)
    page = np.full((400, 256), 240.0)
    for y in range(4, 390, 8):
        if random.random() < 0.25:
            continue
        for x in range(int(random.integers(8, 40)), int(random.integers(80, 250)), 16):
            page[y : y + 4, x : x + int(random.integers(4, 15))] = 40
    return page


def seen_small(page, y):
    """What is seen of 144 lines of a page, as a small frame."""
    rows = np.add.reduceat(page[y : y + 144], np.arange(27) * 144 // 27, axis=0)
    rows /= np.diff(np.append(np.arange(27) * 144 // 27, 144))[:, None]
    cells = np.add.reduceat(rows, np.arange(48) * 256 // 48, axis=1)
    cells /= np.diff(np.append(np.arange(48) * 256 // 48, 256))
    return cells.round().astype(np.uint8)[..., None].repeat(3, axis=2)
