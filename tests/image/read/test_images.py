import json
import os
import subprocess
from collections import Counter

import pyarrow as pa
import pytest
from image.drawn_pictures import picture, samples, write_table, write_tar

from curator_engine.stages.files import find_inputs
from curator_image.read.images import read_images


def read(path, **options):
    return list(read_images(str(path), **options))


def test_a_loose_picture_has_the_caption_and_facts_beside_it(tmp_path):
    (tmp_path / "a.b.jpg").write_bytes(picture())
    (tmp_path / "a.b.txt").write_text(" a boat\n", encoding="utf-8")
    (tmp_path / "a.b.json").write_text('{"by": "me"}', encoding="utf-8")
    [found] = read(tmp_path / "a.b.jpg")
    assert (found.place, found.caption, found.fields) == (found.path, "a boat", {"by": "me"})
    assert found.data == picture()


@pytest.mark.parametrize("ending", ["tar", "tar.gz", "tgz", "tar.xz", "without"])
def test_a_tar_gives_pictures_with_captions_and_facts(tmp_path, ending):
    path = write_tar(
        tmp_path / f"s.{ending}",
        samples(),
        "w:gz" if "gz" in ending else "w:xz" if "xz" in ending else "w",
    )
    found = read(path)
    assert [each.place for each in found] == [f"{path}/{i:04d}.jpg" for i in range(3)]
    assert [(e.key, e.caption, e.fields["number"]) for e in found][1] == ("0001", "caption 1", 1)
    assert [each.data for each in found] == [picture(i) for i in range(3)]


@pytest.mark.parametrize("kind", ["struct", "jpg", "some_bytes"])
def test_a_table_gives_a_picture_per_row(tmp_path, kind):
    found = read(write_table(tmp_path / "t.parquet", kind=kind))
    assert [each.place[-2:] for each in found] == ["#0", "#1", "#2"]
    assert [each.data for each in found] == [picture(i) for i in range(3)]
    assert (found[2].caption, found[2].fields["number"]) == ("caption 2", 2)


def test_row_groups_of_a_table_keep_the_numbers_of_their_rows(tmp_path):
    path = write_table(tmp_path / "t.parquet", 5)
    assert [each.member for each in read(path, span=(1, 3))] == ["2", "3", "4"]


def test_a_saved_data_set_is_read(tmp_path):
    table = pa.table({"image": [{"bytes": picture(), "path": None}], "text": ["a boat"]})
    with pa.ipc.new_stream(tmp_path / "d.arrow", table.schema) as stream:
        stream.write_table(table)
    [found] = read(tmp_path / "d.arrow")
    assert (found.data, found.caption) == (picture(), "a boat")


def test_a_row_without_bytes_is_told(tmp_path):
    import pyarrow.parquet as pq

    rows = [{"bytes": None, "path": "a.jpg"}, {"bytes": b"", "path": ""}]
    pq.write_table(pa.table({"image": pa.array(rows)}), tmp_path / "t.parquet")
    assert [each.problem for each in read(tmp_path / "t.parquet")] == [
        "no bytes, only the path a.jpg",
        "it is empty",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("l.jsonl", '{"path": "in/a.jpg", "caption": "a boat"}\n\n{"path": "gone.jpg"}\nno\n'),
        ("l.csv", "file_name,text,by\nin/a.jpg,a boat,\ngone.jpg,,\n,,me\n"),
    ],
)
def test_a_list_gives_a_picture_per_row_and_tells_of_each_that_is_none(tmp_path, name, text):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jpg").write_bytes(picture())
    (tmp_path / name).write_text(text, encoding="utf-8")
    found = read(tmp_path / name)
    assert (found[0].data, found[0].caption, found[0].problem) == (picture(), "a boat", "")
    assert "gone.jpg" in found[1].problem
    assert len(found) == 3
    assert found[2].problem.startswith("its ")


def test_an_address_in_a_list_is_to_be_downloaded_first(tmp_path):
    (tmp_path / "l.jsonl").write_text('{"url": "https://a.example/b.jpg"}\n', encoding="utf-8")
    assert read(tmp_path / "l.jsonl")[0].problem.endswith("is on the web; download it first")


def test_an_empty_file_and_a_damaged_table_are_told(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "t.parquet").write_bytes(b"PAR1 no")
    assert read(tmp_path / "a.jpg")[0].problem == "it is empty"
    assert "is no table that can be read" in read(tmp_path / "t.parquet")[0].problem


def test_a_table_without_pictures_is_told(tmp_path):
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"text": ["a"]}), tmp_path / "t.parquet")
    assert "no column of pictures as bytes among text" in read(tmp_path / "t.parquet")[0].problem


def test_a_picture_beyond_the_limit_is_told_and_not_held(tmp_path):
    (tmp_path / "a.jpg").write_bytes(picture())
    [found] = read(tmp_path / "a.jpg", max_bytes=100)
    assert (found.data, found.problem) == (b"", "it is larger than 100 bytes")


def test_contents_say_what_a_file_is_not_its_ending(tmp_path):
    path = write_tar(tmp_path / "a.jpg", samples(1))
    assert read(path)[0].member == "0000.jpg"


def test_ids_follow_from_place_and_bytes(tmp_path):
    path = write_tar(tmp_path / "s.tar", [("a.jpg", picture(1)), ("b.jpg", picture(1))])
    first, second = read(path)
    assert first.sha256 == second.sha256
    assert first.image_id != second.image_id
    assert first.image_id == read(path)[0].image_id


def test_what_is_passed_over_in_a_tar_is_counted(tmp_path):
    tally = Counter()
    read(write_tar(tmp_path / "s.tar", [("a.jpg", picture()), ("notes.md", b"x")]), tally=tally)
    assert +tally == {"samples without a picture": 1}


def test_a_folder_gives_pictures_tars_and_tables_and_says_what_it_passes_over(tmp_path):
    for name in ("b.JPG", "c.txt", "d.svg"):
        (tmp_path / name).write_bytes(picture())
    write_tar(tmp_path / "a.tar.gz", samples(1), "w:gz")
    write_table(tmp_path / "t.parquet")
    (tmp_path / "without").write_bytes(picture(1, "AVIF"))
    listing = find_inputs(str(tmp_path), file_format="image")
    assert [each.name for each in listing.files] == ["a.tar.gz", "b.JPG", "t.parquet", "without"]
    assert listing.passed_over == {".svg": 1, ".txt": 1}


def test_a_list_is_taken_if_it_is_named(tmp_path):
    (tmp_path / "l.jsonl").write_text(json.dumps({"path": "a.jpg"}) + "\n", encoding="utf-8")
    assert find_inputs(f"{tmp_path}/l.jsonl", file_format="image").files


@pytest.mark.skipif(os.getuid() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read_is_told(tmp_path):
    (tmp_path / "a.jpg").write_bytes(picture())
    (tmp_path / "a.jpg").chmod(0)
    assert "Permission denied" in read(tmp_path / "a.jpg")[0].problem


def test_a_tar_is_read_in_bounded_memory(tmp_path):
    code = (
        "import resource, sys; from curator_image.read.images import read_images\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "count = sum(1 for each in read_images(sys.argv[1]))\n"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    big = picture() + bytes(4 << 20)
    path = write_tar(tmp_path / "s.tar", [(f"{i}.jpg", big) for i in range(30)])
    import sys

    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True)
    count, kilobytes = map(int, done.stdout.split())
    assert count == 30
    assert kilobytes < 60_000
