import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curator_audio.read.text_rows import find_texts, id_of_row, text_rows
from curator_engine.errors import InputError


def fields(path):
    return [row.fields for row in text_rows(str(path))]


def test_every_kind_of_file_gives_its_rows(tmp_path):
    row = {"id": "u1", "text": "two words"}
    (tmp_path / "a.jsonl").write_text(json.dumps(row) + "\n\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("id,text\nu1,two words\n", encoding="utf-8")
    (tmp_path / "c.trn").write_text("two words (u1)\n", encoding="utf-8")
    (tmp_path / "d.trans.txt").write_text("u1 two words\n", encoding="utf-8")
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "e.parquet")
    (tmp_path / "readme.txt").write_text("of others", encoding="utf-8")
    files = find_texts([str(tmp_path)]).files
    assert [each.name for each in files] == [
        "a.jsonl",
        "b.csv",
        "c.trn",
        "d.trans.txt",
        "e.parquet",
    ]
    assert all(fields(each.path) == [row] for each in files)


def test_a_line_that_is_none_has_a_problem(tmp_path):
    (tmp_path / "a.trn").write_text("no id here\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text("[]\n", encoding="utf-8")
    assert [row.problem for row in text_rows(str(tmp_path / "a.trn"))] == [
        "its line has no (id) at the end"
    ]
    assert [row.problem for row in text_rows(str(tmp_path / "a.jsonl"))] == [
        "its line is no JSON object"
    ]


def test_a_folder_of_a_run_stands_for_its_segments(finished_segments):
    [file] = find_texts([str(finished_segments)]).files
    assert file.path.endswith("/segments.parquet")


def test_a_row_is_called_by_its_id_or_its_recording():
    assert id_of_row({"uuid": "7", "audio_filepath": "x/a.wav"}) == "7"
    assert id_of_row({"audio_filepath": "x/a.b.wav"}) == "a.b"
    assert id_of_row({"audio_filepath": "x/a.wav"}, "utt") == ""
    assert id_of_row({"utt": "x/a.wav"}, "utt") == "a"
    assert id_of_row({"text": "words"}) == ""


def test_nothing_to_compare_is_an_error(tmp_path):
    with pytest.raises(InputError):
        find_texts([str(tmp_path)])
