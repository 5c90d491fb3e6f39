"""Values as names of folders: of tables and of lines the same."""

from datetime import date

import pyarrow as pa
import pytest

from curator_engine.files.hive import NULL
from curator_text.removal.field_texts import amiss, fields_of_lines, fields_of_table

LINES = b'{"v": "a"}\n{"v": 5}\n\n{"v": true}\n{"w": 1}\n{"v": 1.5}\n'


def test_values_of_lines_are_written_as_hive_does():
    block, texts = fields_of_lines(LINES, ["v"], {})
    assert texts == [("a",), ("5",), ("true",), (None,), ("1.5",)]
    assert LINES[block.starts[1] :].startswith(b'{"v": 5}')


@pytest.mark.parametrize(
    ("value", "text"),
    [("a", "a"), (5, "5"), (False, "false"), (None, None), (date(2026, 1, 2), "2026-01-02")],
)
def test_values_of_a_table_are_written_as_hive_does(value, text):
    assert fields_of_table(pa.table({"v": [value]}), ["v"], {}) == [(text,)]


def test_a_folder_of_the_input_gives_its_value():
    assert fields_of_lines(b'{"w": 1}\n', ["v"], {"v": "de"})[1] == [("de",)]
    assert fields_of_table(pa.table({"w": [1]}), ["v"], {"v": 7}) == [("7",)]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"v": [1]}\n', "is a list or an object"),
        (f'{{"v": "{NULL}"}}\n'.encode(), "which readers take for a missing one"),
        (b'{"v": "' + b"x" * 300 + b'"}\n', "makes a folder's name of 302 bytes"),
        (b'{"v": "\\ud800"}\n', "is not valid UTF-8"),
    ],
)
def test_what_cannot_name_a_folder_is_said(line, reason):
    [folder] = fields_of_lines(line, ["v"], {})[1]
    assert reason in amiss(["v"], folder)
