"""Pictures in the page: small, bounded, and never worth a failure."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from curator_engine.items.pictures import Pictures


def preview(folder, name, *, frames=3, size=(320, 180)):
    rng = np.random.default_rng(1)
    images = [
        Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), np.uint8))
        for _ in range(frames)
    ]
    images[0].save(folder / name, "WEBP", save_all=True, append_images=images[1:], duration=1000)
    return name


def opened(address) -> Any:
    return Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2])))


def test_a_preview_becomes_a_still_and_a_moving_picture(tmp_path):
    picture = Pictures(output=str(tmp_path)).of(preview(tmp_path, "a.webp"))
    assert opened(picture.still).size == (176, 99)
    assert opened(picture.moving).n_frames == 3


def test_a_long_preview_is_thinned_out(tmp_path):
    picture = Pictures(output=str(tmp_path)).of(preview(tmp_path, "a.webp", frames=23))
    assert opened(picture.moving).n_frames <= 5


def test_one_frame_does_not_move(tmp_path):
    assert Pictures(output=str(tmp_path)).of(preview(tmp_path, "a.webp", frames=1)).moving == ""


def test_the_budget_ends_pictures(tmp_path):
    pictures = Pictures(output=str(tmp_path), budget=1)
    assert pictures.of(preview(tmp_path, "a.webp"))
    assert pictures.of(preview(tmp_path, "b.webp")) is None


@pytest.mark.parametrize("name", [None, "missing.webp", "text.webp"])
def test_what_cannot_be_shown_is_left_out(tmp_path, name):
    (tmp_path / "text.webp").write_text("no picture", encoding="utf-8")
    assert Pictures(output=str(tmp_path)).of(name) is None


def test_a_huge_preview_is_left_out(tmp_path):
    Image.new("RGB", (4000, 2000)).save(tmp_path / "a.webp", "WEBP")
    assert Pictures(output=str(tmp_path)).of("a.webp") is None
