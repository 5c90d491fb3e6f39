import json
import tarfile

import pyarrow.parquet as pq
from image.drawn_pictures import picture, samples, write_table, write_tar
from image.images.marks import write

from curator_image.read.images import read_images


def fill(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.JPG").write_bytes(picture(9))
    (tmp_path / "in/a.txt").write_bytes(b" a boat\r\n")
    write_tar(tmp_path / "in/s.tar", [*samples(), ("0002.npy", b"n")])
    write_table(tmp_path / "in/t.parquet")
    return sorted([picture(9), *(picture(i) for i in range(3)), *(picture(i) for i in range(3))])


def test_tars_have_all_pictures_with_captions_and_facts(tmp_path):
    pictures = fill(tmp_path)
    placed = write(tmp_path, output_format="webdataset", images_per_file=4)
    tars = sorted((tmp_path / "out/data").iterdir())
    assert [tar.name for tar in tars] == ["000000-00000.tar", "000000-00001.tar"]
    found = [each for tar in tars for each in read_images(str(tar))]
    assert sorted(each.data for each in found) == pictures
    assert [each.caption for each in found][:3] == ["a boat", "caption 0", "caption 1"]
    assert [each.fields.get("number") for each in found] == [None, 0, 1, 2, 0, 1, 2]
    assert [each.place for each in found] == [f"{tmp_path}/out/{path}" for path in placed.values()]


def test_members_of_tars_and_files_beside_pictures_keep_their_bytes(tmp_path):
    fill(tmp_path)
    placed = list(write(tmp_path, output_format="webdataset"))
    with tarfile.open(tmp_path / "out/data/000000-00000.tar") as tar:
        members = {each.name: tar.extractfile(each).read() for each in tar}
    assert members[f"{placed[0]}.txt"] == b" a boat\r\n"
    assert members["0002.npy"] == b"n"


def test_a_tar_has_so_many_bytes_at_most(tmp_path):
    (tmp_path / "in").mkdir()
    write_tar(tmp_path / "in/s.tar", samples(5))
    write(tmp_path, output_format="webdataset", max_bytes=8000)
    assert len(list((tmp_path / "out/data").iterdir())) == 3


def test_tables_have_all_pictures_with_captions_and_facts(tmp_path):
    pictures = fill(tmp_path)
    placed = write(tmp_path, output_format="parquet", images_per_file=5)
    files = sorted((tmp_path / "out/data").iterdir())
    rows = [row for file in files for row in pq.read_table(file).to_pylist()]
    assert [row["id"] for row in rows] == list(placed)
    assert list(placed.values())[4:6] == [
        "data/000000-00000.parquet#4",
        "data/000000-00001.parquet#0",
    ]
    assert sorted(row["image"]["bytes"] for row in rows) == pictures
    assert [row["caption"] for row in rows][:2] == ["a boat", "caption 0"]
    assert json.loads(rows[3]["fields"]) == {"number": 2}
    assert [each.data for file in files for each in read_images(str(file))] == [
        row["image"]["bytes"] for row in rows
    ]


def test_the_pictures_of_a_list_are_written_as_tars(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(picture())
    (tmp_path / "l.csv").write_text("path,text\nin/a.jpg,a boat\n", encoding="utf-8")
    [place] = write(tmp_path, "l.csv").values()
    assert place.startswith("data/l-00000.tar/")
    [found] = read_images(str(tmp_path / "out/data/l-00000.tar"))
    assert (found.data, found.caption) == (picture(), "a boat")


def test_pictures_that_are_written_anew_keep_captions_and_other_members(tmp_path):
    fill(tmp_path)
    placed = write(tmp_path, output_format="webdataset", reencode="png")
    [tar] = (tmp_path / "out/data").iterdir()
    with tarfile.open(tar) as file:
        names = file.getnames()
    assert {"0002.png", "0002.npy", "0002.txt"} < set(names)
    assert [path.rpartition(".tar/")[2] in names for path in placed.values()] == [True] * 7
    found = list(read_images(str(tar)))
    assert {each.data[:4] for each in found} == {b"\x89PNG"}
    assert [each.caption for each in found][:2] == ["a boat", "caption 0"]


def test_a_table_of_pictures_that_are_written_anew_names_them_so(tmp_path):
    fill(tmp_path)
    write(tmp_path, output_format="parquet", reencode="webp")
    [file] = (tmp_path / "out/data").iterdir()
    names = [row["image"]["path"] for row in pq.read_table(file).to_pylist()]
    assert names[:2] == ["a.webp", "0000.webp"]
