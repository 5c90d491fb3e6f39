import pytest
from image.drawn_pictures import picture
from image.images.marks import write
from image.images.test_packed import fill

from curator_engine.errors import InputError
from curator_image.images.written import WrittenImages, place_in
from curator_image.read.images import read_images


@pytest.mark.parametrize("output_format", ["as-input", "webdataset", "parquet", "folder"])
def test_each_picture_is_found_where_it_was_written_in_any_order(tmp_path, output_format):
    fill(tmp_path)
    placed = write(tmp_path, output_format=output_format, images_per_file=3)
    files = ("a.JPG", "s.tar", "t.parquet")
    wanted = [each for name in files for each in read_images(str(tmp_path / "in" / name))]
    written = WrittenImages(str(tmp_path / "out"))
    paths = list(placed.values())
    for k in (0, 1, 2, 3, 6, 2, 1, 1):
        assert written.find(paths[k], wanted[k].sha256).data == wanted[k].data


def test_what_is_gone_is_said(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(picture())
    [path] = write(tmp_path).values()
    (tmp_path / "out" / path).unlink()
    assert place_in(str(tmp_path / "out"), path) == ("", "")
    with pytest.raises(InputError, match="is not there any more"):
        WrittenImages(str(tmp_path / "out")).find(path)
