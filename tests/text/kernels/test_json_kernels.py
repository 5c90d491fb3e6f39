"""The compiled reader of lines, where its wrapper does not reach."""

import json

import numpy as np
import pytest

from curator_text.kernels import json_kernels


def read(line, name=b"text", starts=()):
    raw = np.frombuffer(line, np.uint8)
    out = np.full(len(raw) + int(json_kernels.BLOCK), 255, np.uint8)
    ends, offsets = np.empty(9, np.int64), np.zeros(10, np.int64)
    lines = json_kernels.texts(raw, name, np.array(starts, np.int64), out, 0, ends, offsets)
    return lines, ends[: max(lines, 0)].tolist(), out, offsets


def test_nothing_is_written_behind_the_room():
    line = b'{"text": "' + b"a" * 21 + b'", "n": "' + b"b" * 13 + b'"}\n'
    *_, out, _ = read(line)
    assert set(out[len(line) :].tolist()) == {255}


@pytest.mark.parametrize("text", ['\\"', "\\u00e9", "é", '\\n\\n"}\n{"text": "'])
def test_what_is_in_a_string_is_read_wherever_it_is(text):
    for before in range(70):
        string = "a" * before + text + "b" * (67 - before)
        line = f'{{"text": "{string}"}}\n'
        lines, _, out, offsets = read(line.encode())
        assert bytes(out[: offsets[lines]]).decode() == "".join(
            json.loads(each)["text"] for each in line.splitlines()
        )


@pytest.mark.parametrize("mark", ["\x1f", "\t", "\\x", "\\"])
def test_what_cannot_be_in_a_string_is_given_up_wherever_it_is(mark):
    for before in range(70):
        assert read(f'{{"text": "{"a" * before}{mark}"}}\n'.encode())[0] == -1


def test_lines_end_where_they_end():
    lines, ends, *_ = read(b'{"text": "a"}\n{"text": "bc"} \n')
    assert (lines, ends) == (2, [14, 30])


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_line_that_is_cut_off_is_given_up(cut):
    line = b'{"a": [false, 1.5e-7, "\\u00e9"], "text": "x"}'
    assert read(line[:cut] + b"\n")[0] == -1


@pytest.mark.parametrize(
    ("escaped", "text"),
    [("\\u0041", "A"), ("\\u00e9", "é"), ("\\u6587", "文"), ("\\uD83D\\uDE00", "😀"), ("\\/", "/")],
)
def test_escapes_become_utf8(escaped, text):
    _, _, out, offsets = read(f'{{"text": "{escaped}"}}\n'.encode())
    assert bytes(out[: offsets[1]]).decode() == text
