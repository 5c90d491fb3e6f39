"""Runs that add what they keep to an index, and runs that leave out what is in it."""

import pytest
from image.pipelines.test_curate import curate, rows_of
from image.runs import image
from image.scenes import encoded, scene
from PIL import Image


def write(folder, **pictures):
    folder.mkdir()
    for name, picture in pictures.items():
        (folder / f"{name}.png").write_bytes(encoded(picture))
    return folder


@pytest.fixture
def days(tmp_path):
    """Pictures of two days: of the second, one is new, one a copy of yesterday's, one has nothing in it."""
    blank = Image.new("RGB", (64, 64), "red")
    first = write(tmp_path / "one", a=scene(1), copy=scene(1), b=scene(2), blank=blank)
    second = write(tmp_path / "two", small=scene(2).resize((200, 150)), c=scene(3), blank=blank)
    return first, second


def test_what_earlier_runs_kept_is_left_out(days, tmp_path):
    index = str(tmp_path / "index")
    how = {"against": [index], "save_index": index}
    first = curate([days[0]], tmp_path / "out1", **how)
    assert (first["kept"], first["index"]["images"]) == (3, 3)
    second = curate([days[1]], tmp_path / "out2", **how)
    rows = rows_of(tmp_path / "out2")
    assert {place for place, row in rows.items() if row["keep"]} == {"c.png"}
    assert {row["drop_stage"] for row in rows.values() if not row["keep"]} == {"leak"}
    assert second["index"]["images"] == 4


def test_a_run_is_not_a_copy_of_itself(days, tmp_path):
    words = ["--against", tmp_path / "index", "--save-index", tmp_path / "index", "--workers", 1]
    for mode in ([], ["--resume"], ["--overwrite"]):
        assert image("curate", days[0], "-o", tmp_path / "out", *words, *mode) == 0
        assert sum(row["keep"] for row in rows_of(tmp_path / "out").values()) == 3
