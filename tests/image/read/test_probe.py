import pytest
from image.drawn_pictures import picture, samples, write_table, write_tar

from curator_image.read.probe import bytes_behind, probe_images


def test_a_tar_is_summed_up(tmp_path):
    members = [
        *samples(),
        ("x.jpg", b"no picture"),
        ("y.txt", b"alone"),
        ("z.png", picture(kind="WEBP", size=(9, 8))),
    ]
    found = probe_images(str(write_tar(tmp_path / "s.tar", members)))
    assert (found.kind, found.pictures, found.unusable, found.captions) == ("tar", 5, 1, 3)
    assert (found.formats, found.smallest, found.largest) == (
        {"JPEG": 3, "WEBP": 1},
        "9x8",
        "32x24",
    )
    assert found.passed_over == {"samples without a picture": 1}
    assert found.problems[0].startswith(f"{tmp_path}/s.tar/x.jpg: no picture")
    assert found.notes == {"WEBP in a file called .png": 1}
    assert found.fields == ("number",)


def test_a_table_is_summed_up(tmp_path):
    found = probe_images(str(write_table(tmp_path / "t.parquet")))
    assert (found.kind, found.pictures, found.captions) == ("table", 3, 3)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_what_stands_behind_a_picture_is_counted(kind):
    assert bytes_behind(picture(kind=kind), kind) == 0
    assert bytes_behind(picture(kind=kind) + bytes(100), kind) == 0
    assert bytes_behind(picture(kind=kind) + b"PK" * 50, kind) == 100
