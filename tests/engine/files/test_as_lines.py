"""Plain text as one JSON line, and lines that stand for what is no row."""

import json

import pytest

from curator_engine.files import as_lines
from curator_engine.files.as_lines import bad_row, bad_row_of, text_as_line


def line_of(*chunks, path="a/b.txt"):
    return b"".join(text_as_line(iter(chunks), path))


def test_a_text_is_one_line_with_its_path():
    text = 'Two lines\r\nof "text" \\ with\ttabs, \x01 and \u2028.\n'
    line = line_of(text.encode())
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"path": "a/b.txt", "text": text}


def test_a_byte_order_mark_is_no_part_of_a_text():
    assert json.loads(line_of(b"\xef\xbb\xbfa"))["text"] == "a"


def test_an_empty_file_is_an_empty_text():
    assert json.loads(line_of())["text"] == ""


def test_a_character_may_lie_between_two_pieces_of_a_file():
    assert json.loads(line_of(b"caf\xc3", b"\xa9"))["text"] == "café"


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"caf\xe9", "not valid UTF-8 at byte 3 of the file"), (b"a\0b", "a NUL byte at byte 1")],
)
def test_what_is_no_text_is_a_bad_row_with_its_bytes(data, reason):
    found = bad_row_of(line_of(data))
    assert found is not None
    assert found[0].startswith(reason)
    assert found[1] == data


def test_a_very_long_text_is_the_same_line_piece_by_piece(monkeypatch):
    monkeypatch.setattr(as_lines, "_MOST_AT_ONCE", 10)
    pieces = [b'\xef\xbb\xbf"long"\n', bytes(range(1, 32)) + b"\\", "é".encode() * 9]
    text = b"".join(pieces).removeprefix(b"\xef\xbb\xbf").decode()
    assert json.loads(line_of(*pieces)) == {"path": "a/b.txt", "text": text}


def test_a_signature_in_an_address_is_not_in_the_line():
    url = "https://host/a.txt?X-Amz-Signature=abc123"
    assert b"abc123" not in line_of(b"a", path=url)


def test_a_line_of_json_is_no_bad_row():
    assert bad_row_of(b'{"text": "a"}\n') is None
    assert bad_row_of(bad_row("why", b"a\nb")) == ("why", b"a\nb")
