"""data/ and the marks of images.parquet agree, whatever the input is."""

import json
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from image.drawn_pictures import write_tar
from image.runs import image, rows_of
from image.scenes import encoded, scene

PICTURES = [encoded(scene(n), "JPEG", quality=90) for n in range(4)]


def tar_of(path):
    members = []
    for n, data in enumerate(PICTURES):
        members += [(f"{n}.jpg", data), (f"{n}.txt", b"words"), (f"{n}.json", b'{"n": 1}')]
    return write_tar(path, members)


def table_of(path):
    pq.write_table(pa.table({"image": PICTURES, "caption": list("abcd")}), path)
    return path


def names_in(path):
    with tarfile.open(path) as tar:
        return tar.getnames()


@pytest.fixture(params=["tar", "parquet"])
def run(request, tmp_path):
    made = {"tar": tar_of, "parquet": table_of}[request.param](tmp_path / f"in.{request.param}")
    assert image("curate", made, "-o", tmp_path / "out") == 0
    return tmp_path / "out"


def held(run):
    """The pictures in the one file of data/."""
    [file] = (run / "data").iterdir()
    if file.suffix == ".parquet":
        return pq.read_table(file).column("image").to_pylist()
    with tarfile.open(file) as tar:
        return [tar.extractfile(each).read() for each in tar if each.name.endswith(".jpg")]


def test_all_that_is_kept_is_as_it_came(run):
    assert held(run) == PICTURES


def test_what_goes_later_leaves_the_file(run):
    position = "position != 2"
    assert image("filter", run, "--where", position, "--apply") == 0
    assert held(run) == [PICTURES[k] for k in (0, 1, 3)]


def test_a_file_of_which_nothing_stays_goes(run):
    assert image("filter", run, "--where", "width < 0", "--apply") == 0
    assert [p for p in (run / "data").rglob("*") if p.is_file()] == []


def test_captions_and_facts_go_with_their_picture(tmp_path):
    tar_of(tmp_path / "in.tar")
    image("curate", tmp_path / "in.tar", "-o", tmp_path / "out")
    image("filter", tmp_path / "out", "--where", "position == 1", "--apply")
    assert names_in(tmp_path / "out/data/in.tar") == ["1.jpg", "1.txt", "1.json"]


def test_a_caption_beside_a_picture_comes_and_goes_with_it(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(PICTURES[0])
    (tmp_path / "in/a.txt").write_text("words")
    image("curate", tmp_path / "in", "-o", tmp_path / "out")
    assert (tmp_path / "out/data/a.txt").read_text() == "words"
    image("filter", tmp_path / "out", "--where", "width < 0", "--apply")
    assert [p for p in (tmp_path / "out/data").rglob("*") if p.is_file()] == []


def test_only_files_with_other_marks_are_written_again(tmp_path):
    for n, data in enumerate(PICTURES):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / f"in/{n}.jpg").write_bytes(data)
    image("curate", tmp_path / "in", "-o", tmp_path / "out")
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out/data").iterdir()}
    image("filter", tmp_path / "out", "--where", 'source != "2.jpg"', "--apply")
    after = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out/data").iterdir()}
    assert after == {name: when for name, when in before.items() if name != "2.jpg"}


@pytest.mark.parametrize("kind", ["webdataset", "parquet"])
def test_packed_files_hold_what_is_kept(tmp_path, kind):
    tar_of(tmp_path / "in.tar")
    words = ["--output-format", kind, "--per-file", "3"]
    image("curate", tmp_path / "in.tar", "-o", tmp_path / "out", *words)
    paths = {row["path"] for row in rows_of(tmp_path / "out").values()}
    files = {str(p.relative_to(tmp_path / "out")) for p in (tmp_path / "out/data").iterdir()}
    assert len(files) == 2
    assert {next(f for f in files if path.startswith(f)) for path in paths} == files


def test_the_places_are_those_in_data(tmp_path):
    tar_of(tmp_path / "in.tar")
    image("curate", tmp_path / "in.tar", "-o", tmp_path / "out")
    record = json.loads((tmp_path / "out/run.json").read_text())
    assert record["facts"]["kept"] == 4
    assert [row["path"] for row in rows_of(tmp_path / "out").values()] == [
        f"data/in.tar/{n}.jpg" for n in range(4)
    ]


def photos(place):
    place.mkdir()
    for n, data in enumerate(PICTURES):
        (place / f"{n}.jpg").write_bytes(data)
    return place


def test_loose_pictures_are_packed_into_one_tar_also_when_marks_change(tmp_path):
    words = ["-o", tmp_path / "out", "--output-format", "webdataset"]
    image("curate", photos(tmp_path / "in"), *words)
    assert len(list((tmp_path / "out/data").iterdir())) == 1
    image("filter", tmp_path / "out", "--where", 'source != "2.jpg"', "--apply")
    [tar] = (tmp_path / "out/data").iterdir()
    assert len(names_in(tar)) == 3


def test_tables_beside_tars_follow_their_pictures(tmp_path):
    words = ["-o", tmp_path / "out", "--output-format", "image-writer", "--per-file", "2"]
    image("curate", photos(tmp_path / "in"), *words)
    data = tmp_path / "out/data"
    assert len(list(data.glob("*.tar"))) == len(list(data.glob("*.parquet"))) == 2
    gone = 'source != "0.jpg" and source != "1.jpg" and source != "2.jpg"'
    image("filter", tmp_path / "out", "--where", gone, "--apply")
    (tar,), (table,) = data.glob("*.tar"), data.glob("*.parquet")
    assert tar.stem == table.stem
    members = pq.read_table(table).column("member_name").to_pylist()
    assert set(members) <= set(names_in(tar))
    assert len(members) == 1


def test_what_a_stopped_call_has_left_out_is_written_by_the_next_one(tmp_path):
    image("curate", photos(tmp_path / "in"), "-o", tmp_path / "out")
    (tmp_path / "out/data/1.jpg").unlink()
    image("filter", tmp_path / "out", "--where", 'source != "2.jpg"', "--apply")
    assert {p.name for p in (tmp_path / "out/data").iterdir()} == {"0.jpg", "1.jpg", "3.jpg"}


def test_without_an_output_format_nothing_of_an_earlier_run_stays(tmp_path):
    words = [photos(tmp_path / "in"), "-o", tmp_path / "out"]
    image("curate", *words)
    image("curate", *words, "--resume", "--output-format", "none")
    assert not [p for p in (tmp_path / "out").rglob("data/*") if p.is_file()]
