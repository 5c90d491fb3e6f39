import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import picture, samples, write_table, write_tar
from image.images.marks import write

from curator_engine.task import FileGroupTask
from curator_image.images.as_input import copy_table
from curator_image.images.kept import SPAN_SHIFT, Kept
from curator_image.read.images import read_images

ODD = {"a.txt": b" caption\r\n", "a.caption": b"\xff", "a.json": b'{"x":1.0}'}


def all_but(*keys):
    return lambda stored: stored.key not in keys


def test_a_loose_picture_is_copied_with_what_lies_beside_it(tmp_path):
    (tmp_path / "in/d").mkdir(parents=True)
    for name, data in {"a.jpg": picture(1), "b.jpg": picture(2), **ODD}.items():
        (tmp_path / "in/d" / name).write_bytes(data)
    assert list(write(tmp_path, keeps=all_but("b")).values()) == ["data/d/a.jpg"]
    there = {path.name: path.read_bytes() for path in (tmp_path / "out/data/d").iterdir()}
    assert there == {"a.jpg": picture(1), **ODD}


@pytest.mark.parametrize(("ending", "mode"), [("tar", "w"), ("tar.gz", "w:gz"), ("tar.xz", "w:xz")])
def test_of_a_tar_all_members_of_the_kept_keys_are_copied(tmp_path, ending, mode):
    (tmp_path / "in").mkdir()
    members = [*samples(2), ("0001.npy", b"\0x"), ("0001.seg.png", b"y"), *list(samples(3))[6:]]
    write_tar(tmp_path / f"in/s.{ending}", members, mode)
    placed = write(tmp_path, keeps=all_but("0000"))
    assert list(placed.values()) == [f"data/s.{ending}/{key}.jpg" for key in ("0001", "0002")]
    with tarfile.open(tmp_path / f"out/data/s.{ending}") as tar:
        found = [(each.name, tar.extractfile(each).read()) for each in tar]
    assert found == [each for each in members if not each[0].startswith("0000")]


def test_a_tar_of_which_all_is_kept_is_the_same_byte_for_byte(tmp_path):
    (tmp_path / "in").mkdir()
    long = tarfile.TarInfo("d/" * 60 + "a.jpg")
    long.mtime, long.uname, long.mode = 1_700_000_000, "someone", 0o600
    path = write_tar(tmp_path / "in/s.tar", [(long, picture()), *samples()])
    write(tmp_path)
    assert (tmp_path / "out/data/s.tar").read_bytes() == path.read_bytes()


def test_one_of_a_key_that_is_given_twice_may_be_kept(tmp_path):
    (tmp_path / "in").mkdir()
    members = [("a.jpg", picture(1)), ("a.txt", b"1"), ("a.jpg", picture(2)), ("a.txt", b"2")]
    write_tar(tmp_path / "in/s.tar", members)
    write(tmp_path, keeps=lambda stored: stored.data == picture(2))
    [found] = read_images(str(tmp_path / "out/data/s.tar"))
    assert (found.data, found.caption) == (picture(2), "2")


def test_what_is_whole_of_a_damaged_tar_is_copied(tmp_path):
    (tmp_path / "in").mkdir()
    path = write_tar(tmp_path / "in/s.tar", samples(4))
    path.write_bytes(path.read_bytes()[:5000])
    placed = write(tmp_path)
    assert list(placed.values()) == ["data/s.tar/0000.jpg", "data/s.tar/0001.jpg"]
    assert all(not each.problem for each in read_images(str(tmp_path / "out/data/s.tar")))


def test_of_a_table_the_kept_rows_are_copied_with_all_columns(tmp_path):
    (tmp_path / "in").mkdir()
    path = write_table(tmp_path / "in/t.parquet", 6)
    placed = write(tmp_path, keeps=all_but("0", "3"))
    assert list(placed.values()) == [f"data/t.parquet#{i}" for i in range(4)]
    old, new = pq.read_table(path), pq.read_table(tmp_path / "out/data/t.parquet")
    assert new.equals(old.take([1, 2, 4, 5]))


def test_spans_of_a_table_are_copied_apart(tmp_path):
    (tmp_path / "in").mkdir()
    path = write_table(tmp_path / "in/t.parquet", 6)
    places = []
    for span in ((0, 1), (1, 3)):
        rows = range(2 * span[0], 2 * span[1])
        marks = Kept(
            ids={(span[0] << SPAN_SHIFT) + i: f"id{row}" for i, row in enumerate(rows) if row != 3},
            members={(span[0] << SPAN_SHIFT) + i: str(row) for i, row in enumerate(rows)},
        )
        task = FileGroupTask(data=[str(path)], span=span, _metadata={"name": "t.parquet"})
        places += [(p.uuid, p.path) for p in copy_table(task, marks, str(tmp_path))]
    assert [uuid for uuid, _ in places] == ["id0", "id1", "id2", "id4", "id5"]
    new = pq.read_table(tmp_path / "t-00001.parquet")
    assert new.equals(pq.read_table(path).take([2, 4, 5]))


def test_a_table_of_which_all_is_kept_is_the_same_byte_for_byte(tmp_path):
    (tmp_path / "in").mkdir()
    path = write_table(tmp_path / "in/t.parquet", 6)
    write(tmp_path)
    assert (tmp_path / "out/data/t.parquet").read_bytes() == path.read_bytes()


def test_a_saved_data_set_becomes_parquet(tmp_path):
    (tmp_path / "in").mkdir()
    table = pa.table({"image": [{"bytes": picture(i), "path": ""} for i in range(3)]})
    with pa.ipc.new_stream(tmp_path / "in/d.arrow", table.schema) as stream:
        stream.write_table(table)
    write(tmp_path, keeps=all_but("1"))
    found = pq.read_table(tmp_path / "out/data/d.arrow.parquet").to_pylist()
    assert [row["image"]["bytes"] for row in found] == [picture(0), picture(2)]


def test_of_what_nothing_is_kept_there_is_no_file(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(picture())
    write_tar(tmp_path / "in/s.tar", samples())
    write_table(tmp_path / "in/t.parquet")
    assert write(tmp_path, keeps=lambda _: False) == {}
    assert not (tmp_path / "out").exists()
