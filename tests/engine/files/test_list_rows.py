import gzip

import pytest

from curator_engine.files.list_rows import list_rows, listed_place


def test_rows_of_lines_and_of_csv(tmp_path):
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"a": 1}\n\n[2]\n{}\n'))
    (tmp_path / "b.tsv").write_text("a\tb\n1\t\n", encoding="utf-8")
    assert list(list_rows(f"{tmp_path}/a.jsonl.gz")) == [{"a": 1}, {}, None, None]
    assert list(list_rows(f"{tmp_path}/b.tsv")) == [{"a": "1"}]


@pytest.mark.parametrize(
    ("place", "path", "problem"),
    [
        ("a.wav", "in/a.wav", ""),
        ("/a.wav", "/a.wav", ""),
        ("s3://b/a.wav", "s3://b/a.wav", ""),
        ("a\0", "", "its path has characters that no path has"),
    ],
)
def test_places_count_from_the_folder_of_the_list(place, path, problem):
    assert listed_place("in", place) == (path, problem)
    assert "download it first" in listed_place("in", "https://a/b.wav")[1]


def test_a_cell_may_be_longer_than_what_csv_takes_by_itself(tmp_path):
    caption = "long " * 40_000
    (tmp_path / "a.csv").write_text(f"path,caption\na.png,{caption}\n", encoding="utf-8")
    assert [row["caption"] for row in list_rows(f"{tmp_path}/a.csv") if row] == [caption]
