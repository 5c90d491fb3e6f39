from collections import Counter

import pytest

from curator_engine.errors import DamagedFileError
from curator_engine.files import list_rows
from curator_image.read.images import read_images
from curator_image.read.lists import listed


def test_paths_count_from_the_folder_of_the_list(tmp_path):
    (tmp_path / "l.jsonl").write_text('{"image": "d/a.jpg"}\n{"image": "/b.jpg"}', encoding="utf-8")
    assert [each.path for each in listed(f"{tmp_path}/l.jsonl")] == [
        f"{tmp_path}/d/a.jpg",
        "/b.jpg",
    ]


def test_other_columns_are_facts(tmp_path):
    (tmp_path / "l.tsv").write_text("path\tcaption\tby\na.jpg\ta\tme\n", encoding="utf-8")
    [found] = listed(f"{tmp_path}/l.tsv")
    assert (found.caption, found.fields["by"]) == ("a", "me")


def test_empty_rows_are_counted(tmp_path):
    (tmp_path / "l.jsonl").write_text('\n{"path": "a"}\n\n', encoding="utf-8")
    tally = Counter()
    assert [each.number for each in listed(f"{tmp_path}/l.jsonl", tally=tally)] == [1]
    assert tally == {"empty rows of lists": 2}


def test_an_endless_line_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(list_rows, "MAX_LINE_BYTES", 100)
    (tmp_path / "l.jsonl").write_text('{"path": "' + "a" * 200, encoding="utf-8")
    with pytest.raises(DamagedFileError, match="a line of more than 100 bytes"):
        list(listed(f"{tmp_path}/l.jsonl"))


def test_a_path_that_is_none_is_told(tmp_path):
    (tmp_path / "l.jsonl").write_text(
        '{"path": "a\\u0000.jpg"}\n{"path": "\\ud800.jpg"}\n{"path": "odd://a.jpg"}\n',
        encoding="utf-8",
    )
    found = list(read_images(f"{tmp_path}/l.jsonl"))
    assert [each.problem for each in found][:2] == ["its path has characters that no path has"] * 2
    assert "odd:// cannot be opened" in found[2].problem
