"""Fingerprints of drawn clips: the same pictures are near each other, others are not."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from video.media import Shot, draw_frames
from video.tracks import flat, still_frames, write_track

from curator_video.read.track import open_track
from curator_video.scores.fingerprint import fingerprint, of_frames

COUNT, SHIFT = 72, 5
SIZE = (160, 90)


@cache
def drawn(seed: int) -> list[np.ndarray]:
    shot = Shot(seed=seed, frames=COUNT + SHIFT, speed=0.5)
    return list(draw_frames([shot], size=SIZE))


def clip(seed=1, start=0):
    return drawn(seed)[start : start + COUNT]


def resized(frames, width, height):
    return [np.asarray(Image.fromarray(f).resize((width, height))) for f in frames]


def noisy(frames):
    random = np.random.default_rng(0)
    return [(f + random.normal(0, 8, f.shape)).clip(0, 255).astype(np.uint8) for f in frames]


def boxed(frames, high=0, wide=0):
    return [np.pad(f, ((high, high), (wide, wide), (0, 0))) for f in frames]


def recoloured(frames):
    scale = np.array([1.1, 0.85, 0.7])
    return [(255 * (f / 255) ** 1.2 * scale + 6).clip(0, 255).astype(np.uint8) for f in frames]


def fingerprint_of(frames, folder: Path):
    return fingerprint(open_track(write_track(folder, frames)), (0, len(frames)))


CHANGES = {
    "noisy": lambda: noisy(clip()),
    "rescaled": lambda: resized(clip(), 96, 54),
    "squeezed": lambda: resized(clip(), 120, 90),
    "shifted": lambda: clip(start=SHIFT),
    "letterboxed": lambda: boxed(clip(), high=15),
    "pillarboxed": lambda: boxed(clip(), wide=27),
    "recoloured": lambda: recoloured(clip()),
    "half the frames": lambda: clip()[::2],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_copy_is_near(tmp_path: Path, change):
    base = fingerprint_of(clip(), tmp_path / "base")
    assert base @ fingerprint_of(CHANGES[change](), tmp_path / "changed") > 0.95


def test_other_clips_are_far(tmp_path: Path):
    vectors = np.array([fingerprint_of(clip(seed), tmp_path / str(seed)) for seed in range(1, 7)])
    similar = vectors @ vectors.T - 2 * np.eye(6)
    assert similar.max() < 0.7


def test_a_clip_is_found_inside_a_longer_video(tmp_path: Path):
    track = open_track(write_track(tmp_path / "t", [*clip(2), *clip(), *clip(3)]))
    alone = fingerprint_of(clip(), tmp_path / "alone")
    assert fingerprint(track, (COUNT, 2 * COUNT)) @ alone > 0.99


def test_it_is_512_numbers_of_length_one(tmp_path: Path):
    vector = fingerprint_of(clip(), tmp_path / "t")
    assert (vector.shape, vector.dtype) == ((512,), np.float32)
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_black_clips_are_alike_and_unlike_others(tmp_path: Path):
    black = fingerprint_of(still_frames(flat(0), 24), tmp_path / "a")
    grey = fingerprint_of(noisy(still_frames(flat(2), 30)), tmp_path / "b")
    assert black @ fingerprint_of(still_frames(flat(0), 50), tmp_path / "c") > 0.99
    assert black @ fingerprint_of(clip(), tmp_path / "d") < 0.2
    assert np.isfinite(grey).all()


def test_black_and_white_are_not_alike(tmp_path: Path):
    black, white = (of_frames(np.stack(still_frames(flat(v), 3))) for v in (0, 255))
    assert black @ white < 0.1


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_frames_have_a_fingerprint(tmp_path: Path, count):
    vector = fingerprint_of(clip()[:count], tmp_path / "t")
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_the_same_frames_give_the_same_bits(tmp_path: Path):
    first = fingerprint_of(clip(), tmp_path / "a")
    assert first.tobytes() == fingerprint_of(clip(), tmp_path / "b").tobytes()
