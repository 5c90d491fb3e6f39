import io

import pyarrow as pa
import pytest
from drawn_pictures import fingerprints, saved, scene
from PIL import Image

from curator_engine.errors import InputError
from curator_image.duplicates.exact import find_exact


def _found(files, **options):
    rows = find_exact(fingerprints(files), list(files), **options).to_pylist()
    return {row["uuid"]: (row["kept_id"], row["how"]) for row in rows}


def test_equal_bytes_are_found_without_decoding():
    data = saved(scene(1))
    assert _found({"a": data, "b": saved(scene(2)), "c": data}) == {"c": ("a", "bytes")}


def test_equal_pixels_are_found_in_another_format():
    picture = scene(1, (700, 500))
    files = {
        "png": saved(picture),
        "bmp": saved(picture, "BMP"),
        "webp": saved(picture, "WEBP", lossless=True),
        "alpha": saved(picture.convert("RGBA")),
    }
    assert _found(files, read=files.__getitem__) == dict.fromkeys(
        ("bmp", "webp", "alpha"), ("png", "pixels")
    )


def test_a_jpeg_equals_what_it_decodes_to():
    jpeg = saved(scene(1, (1400, 1000)), "JPEG", quality=80)
    with Image.open(io.BytesIO(jpeg)) as image:
        files = {"jpeg": jpeg, "png": saved(image)}
    assert _found(files, read=files.__getitem__) == {"png": ("jpeg", "pixels")}


def test_one_other_pixel_is_another_picture():
    picture = scene(1)
    other = picture.copy()
    other.putpixel((5, 5), (1, 2, 3))
    files = {"a": saved(picture), "b": saved(other)}
    assert _found(files, read=files.__getitem__) == {}


def test_an_animation_is_not_its_first_picture():
    first, second = scene(1, (64, 48)).quantize(), scene(2, (64, 48)).quantize()
    files = {
        "moves": saved(first, "GIF", save_all=True, append_images=[second]),
        "still": saved(first, "GIF"),
    }
    assert _found(files, read=files.__getitem__) == {}


def test_a_copy_of_a_copy_goes_with_the_one_that_stays():
    picture = scene(1)
    files = {"png": saved(picture), "bmp": saved(picture, "BMP"), "bmp 2": saved(picture, "BMP")}
    assert _found(files, read=files.__getitem__) == {
        "bmp": ("png", "pixels"),
        "bmp 2": ("png", "bytes"),
    }


def test_a_damaged_picture_equals_none():
    data = saved(scene(1))
    broken = {"a": data[: len(data) // 2], "b": data[: len(data) // 2] + b"x"}
    table = fingerprints({"a": data, "b": saved(scene(1), compress_level=1)})
    assert find_exact(table, ["a", "b"], read=broken.__getitem__).num_rows == 0


def test_an_id_without_fingerprint_is_named():
    with pytest.raises(InputError, match="picture b has no fingerprint"):
        find_exact(fingerprints({"a": scene(1)}), ["a", "b"])


def test_fingerprints_of_before_have_no_parts():
    files = {"a": saved(scene(1)), "b": saved(scene(2)), "c": saved(scene(1), "BMP")}
    table = fingerprints(files)
    place = table.schema.get_field_index("parts")
    before = table.set_column(place, "parts", pa.nulls(3, pa.binary(64)))
    (row,) = find_exact(before, list(files), read=files.__getitem__).to_pylist()
    assert row == {"uuid": "c", "kept_id": "a", "how": "pixels"}
