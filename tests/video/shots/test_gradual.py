import numpy as np
import pytest
from video.media import Shot
from video.thumbs import draw_thumbs, wipe

from curator_video.shots.changes import measure_changes
from curator_video.shots.gradual import gradual_changes


def found(thumbs, walls=()):
    return [each.cut for each in gradual_changes(measure_changes(thumbs), thumbs, walls=walls)]


@pytest.mark.parametrize("length", [8, 16, 24, 40])
def test_a_dissolve_is_found_within_its_frames(length):
    shots = [(1, 60), Shot(seed=2, frames=60 + length, dissolve=length, speed=0.5)]
    [cut] = found(draw_thumbs(shots))
    assert cut.kind == "dissolve"
    assert 60 - 2 <= cut.start < cut.end <= 60 + length + 2


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_dissolve_of_a_film_that_flickers_is_found(seed):
    random = np.random.default_rng(seed)
    thumbs = draw_thumbs([(1, 60), Shot(seed=2, frames=84, dissolve=24, speed=0.5)])
    light = random.normal(0.7, 0.02, len(thumbs))[:, None, None, None]
    film = (thumbs.mean(3, keepdims=True) * light).clip(0, 255).repeat(3, axis=3).astype(np.uint8)
    [cut] = found(film)
    assert 56 <= cut.start < cut.end <= 92


def test_a_wipe_is_found_within_its_frames():
    [cut] = found(wipe(draw_thumbs([(1, 60), (2, 60)]), 52, 16))
    assert cut.kind == "wipe"
    assert 50 <= cut.start < cut.end <= 70


@pytest.mark.parametrize("speed", [0, 1, 2, 4])
def test_a_still_or_moving_shot_has_no_gradual_change(speed):
    assert found(draw_thumbs([Shot(seed=4, frames=120, speed=speed)])) == []


def test_a_fast_pan_is_no_gradual_change():
    wide = np.concatenate(draw_thumbs([Shot(seed=seed, frames=1) for seed in (1, 2)]), axis=1)
    at = (np.clip((np.arange(80) - 30) / 10, 0, 1) * 40).round().astype(int)
    assert found(np.stack([wide[:, x : x + 48] for x in at])) == []


def test_a_gradual_change_contains_no_hard_cut():
    thumbs = draw_thumbs([(1, 60), Shot(seed=2, frames=60, dissolve=16, speed=0.5), (3, 60)])
    cuts = found(thumbs, walls=[120])
    assert all(not cut.start < 120 < cut.end for cut in cuts)
    assert len(cuts) == 1


def test_a_gradual_change_has_at_most_64_frames():
    shots = [Shot(seed=1, frames=200, speed=0), Shot(seed=2, frames=200, dissolve=160, speed=0)]
    assert all(cut.end - cut.start <= 64 for cut in found(draw_thumbs(shots)))
