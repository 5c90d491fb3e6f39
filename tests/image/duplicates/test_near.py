import numpy as np
import pytest
from drawn_pictures import fingerprints, saved, scene, slide
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from curator_engine.errors import InputError
from curator_image.duplicates.kept_pictures import Comparison
from curator_image.duplicates.near import find_near


def _cropped(picture, left, top, right, bottom):
    wide, high = picture.size
    return picture.crop(
        (round(wide * left), round(high * top), round(wide * right), round(high * bottom))
    )


def _written_on(picture):
    out = picture.copy()
    ImageDraw.Draw(out).text((8, 215), "by somebody", "white", ImageFont.load_default(14))
    return out


EDITS = {
    "resize": lambda p: p.resize((80, 60), Image.Resampling.LANCZOS),
    "jpeg": lambda p: saved(p, "JPEG", quality=30),
    "webp": lambda p: saved(p, "WEBP", quality=60),
    "crop of 30 %": lambda p: _cropped(p, 0.15, 0.0, 0.98, 0.84),
    "one side": lambda p: _cropped(p, 0.0, 0.0, 0.8, 1.0),
    "brightness": lambda p: ImageEnhance.Brightness(p).enhance(1.2),
    "contrast": lambda p: ImageEnhance.Contrast(p).enhance(0.7),
    "text": _written_on,
    "border": lambda p: ImageOps.expand(p, 16, "black"),
    "mirror": ImageOps.mirror,
    "rotated by 3": lambda p: p.rotate(3, Image.Resampling.BICUBIC),
    "turned by 90": lambda p: p.transpose(Image.Transpose.ROTATE_90),
    "turned by 270, mirrored": lambda p: ImageOps.mirror(p.transpose(Image.Transpose.ROTATE_270)),
    "grey": lambda p: p.convert("L"),
}


@pytest.fixture(scope="module")
def others():
    return {f"other {seed}": scene(100 + seed) for seed in range(4)}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("copy_first", [False, True], ids=["original stays", "copy stays"])
def test_a_changed_copy_goes(edit, copy_first, others):
    original = scene(1)
    table = fingerprints({"original": original, "copy": EDITS[edit](original), **others})
    order = [*others, "original", "copy"]
    order[-2:] = order[:-3:-1] if copy_first else order[-2:]
    (row,) = find_near(table, order).to_pylist()
    assert (row["uuid"], row["kept_id"]) == (order[-1], order[-2])
    assert row["similarity"] >= 0.9


def test_two_pictures_of_one_kind_both_stay(others):
    assert find_near(fingerprints(others), list(others)).num_rows == 0


def test_slides_of_one_deck_all_stay():
    slides = {
        "1": slide(["growth plan of the team", "market and price"]),
        "2": slide(["risk review in winter", "school budget", "water"]),
        "3": slide(["a new cloud region"]),
    }
    assert find_near(fingerprints(slides), list(slides)).num_rows == 0


def test_a_product_in_another_colour_stays():
    def bottle(colour):
        out = Image.new("RGB", (300, 300), "white")
        pen = ImageDraw.Draw(out)
        pen.rounded_rectangle((120, 100, 180, 270), 15, fill=colour)
        pen.rectangle((138, 60, 162, 104), fill=(60, 60, 60))
        return out

    table = fingerprints({"red": bottle((200, 40, 40)), "blue": bottle((40, 90, 200))})
    assert find_near(table, ["red", "blue"]).num_rows == 0


def test_a_picture_is_compared_with_those_that_stay_only():
    """Of three crops that shift along a picture, the ends have less than half in common."""
    wide = scene(3, (640, 240))
    parts = {str(k): wide.crop((40 * k, 0, 40 * k + 320, 240)) for k in range(6)}
    found = find_near(fingerprints(parts), list(parts), 0.80).to_pylist()
    gone = {row["uuid"] for row in found}
    assert all(row["kept_id"] not in gone for row in found)
    assert gone == {"1", "3", "5"}


def test_more_than_half_must_lie_over_each_other():
    wide = scene(3, (640, 240))
    parts = {"left": wide.crop((0, 0, 320, 240)), "right": wide.crop((200, 0, 520, 240))}
    assert find_near(fingerprints(parts), list(parts), 0.1).num_rows == 0
    assert find_near(fingerprints(parts), list(parts), 0.1, min_overlap=0.3).num_rows == 1


def test_what_is_said_of_a_pair_is_what_was_done():
    original = scene(5)
    table = fingerprints({"a": original, "b": _cropped(ImageOps.mirror(original), 0, 0, 0.8, 1)})
    (row,) = find_near(table, ["a", "b"]).to_pylist()
    assert row["transform"].startswith("mirrored")
    assert row["overlap"] > 0.98


def test_pictures_of_another_set_always_stay(others):
    secret = scene(7)
    evaluation = fingerprints({"e1": secret, "e2": scene(8)})
    mine = fingerprints({"copy": ImageOps.mirror(secret), "twin": secret, **others})
    found = find_near(mine, ["copy", "twin", *others], against=evaluation).to_pylist()
    assert {row["uuid"]: row["kept_id"] for row in found} == {"copy": "e1", "twin": "e1"}


def test_against_another_set_only():
    mine = fingerprints({"a": scene(7), "b": scene(7)})
    other = fingerprints({"e": scene(8)})
    assert find_near(mine, ["a", "b"], against=other, only_against=True).num_rows == 0


def test_what_earlier_rounds_have_kept_is_compared_with_first(others):
    original = scene(1)
    copies = {name: EDITS[name](original) for name in ("jpeg", "resize", "mirror", "grey")}
    twins = {"twin": scene(2), "twin again": scene(2)}
    pictures = {"original": original, **others, **twins, **copies}
    table, compared = fingerprints(pictures), list[list[int]]()

    here = Comparison(table, threshold=0.9, min_overlap=0.5)

    def compare(stay, rows):
        compared.append(list(rows))
        return here(stay, rows)

    found = find_near(table, list(pictures), compare=compare, first_round=3).to_pylist()
    assert {row["uuid"]: row["kept_id"] for row in found} == {
        "twin again": "twin",
        **dict.fromkeys(copies, "original"),
    }
    assert compared == [[3, 4, 5], [6, 7, 8, 9, 10]]


def test_flat_pictures_are_no_duplicates():
    flat = {str(grey): Image.new("L", (64, 64), grey) for grey in (0, 3, 250)}
    assert find_near(fingerprints(flat), list(flat)).num_rows == 0


def test_a_picture_of_one_pixel_is_compared():
    tiny = {name: Image.fromarray(np.full((1, 1), 9, np.uint8)) for name in "ab"}
    assert find_near(fingerprints(tiny), list(tiny)).num_rows == 0


def test_an_id_without_fingerprint_is_named():
    with pytest.raises(InputError, match="picture b has no fingerprint"):
        find_near(fingerprints({"a": scene(1)}), ["a", "b"])
