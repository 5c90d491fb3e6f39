import json

from image.drawn_pictures import picture
from image.images.marks import write
from image.images.test_packed import fill

from curator_image.images.as_folder import write_metadata
from curator_image.images.image_table import IMAGES, ImageItem, image_rows
from curator_image.read.images import read_images


def files_in(folder):
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_every_picture_is_a_file_with_its_bytes(tmp_path):
    pictures = fill(tmp_path)
    placed = write(tmp_path, output_format="folder")
    assert [f"data/{name}" for name in files_in(tmp_path / "out/data")] == sorted(placed.values())
    found = [(tmp_path / "out" / path).read_bytes() for path in placed.values()]
    assert sorted(found) == pictures
    ids = list(placed)
    assert list(placed.values())[:2] == ["data/a.JPG", f"data/s.tar/{ids[1]}.jpg"]


def test_pictures_of_one_name_do_not_take_each_others_place(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(picture(1, "PNG"))
    (tmp_path / "in/a.webp").write_bytes(picture(2, "WEBP"))
    placed = write(tmp_path, output_format="folder", reencode="jpeg", max_side=16)
    assert len(files_in(tmp_path / "out/data")) == 2
    for path in placed.values():
        [found] = read_images(str(tmp_path / "out" / path))
        assert found.data.startswith(b"\xff\xd8")


def test_captions_stand_in_one_list(tmp_path):
    about = {"path": "data/a.jpg", "caption": "a boat", "place": "a.jpg", "fields": '{"n": 1}'}
    items = [ImageItem(uuid="u", about=about), ImageItem(uuid="v", about={"path": None})]
    items[1].drop("size", "small")
    table = image_rows(items)
    assert table.schema == IMAGES.schema()
    write_metadata(str(tmp_path), table, below="data")
    [line] = (tmp_path / "metadata.jsonl").read_text().splitlines()
    assert json.loads(line) == {
        "file_name": "a.jpg",
        "text": "a boat",
        "id": "u",
        "source": "a.jpg",
        "fields": '{"n": 1}',
    }
