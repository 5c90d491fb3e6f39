"""The quick way to read a text field gives what the engine's reader gives."""

import json
import random
import subprocess
import sys

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.stages.jsonl import read_block
from curator_text.read.json_texts import _ordinary, read_texts

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
ROWS = st.lists(
    st.tuples(st.dictionaries(st.text(), VALUES, max_size=3), st.text(), st.booleans()),
    min_size=1,
    max_size=5,
)


def lines_of(rows):
    """Lines with a text each, as JSON writers differ."""
    lines = []
    for others, text, as_ascii in rows:
        row = {**others, "text": text}
        separators = (",", ":") if as_ascii else (" , ", "\t: ")
        lines.append(json.dumps(row, ensure_ascii=as_ascii, separators=separators) + "\n")
    return "".join(lines).encode()


def parts(block):
    columns = [block.table.to_pylist()]
    places = [each.tolist() for each in (block.starts, block.lengths, block.numbers)]
    return columns, places, block.lines, block.bad, block.lacking


def expected(data):
    return read_block(data, {"text": pa.string()}, required=["text"])


@given(ROWS)
def test_ordinary_lines_are_read_as_they_were_written(rows):
    block = _ordinary(lines_of(rows), "text")
    assert block is not None
    assert block.table.column("text").to_pylist() == [text for _, text, _ in rows]


@given(ROWS)
def test_the_places_are_those_of_the_lines(rows):
    data = lines_of(rows)
    assert parts(read_texts(data, "text")) == parts(expected(data))


@pytest.mark.parametrize("seed", range(300))
def test_damaged_lines_are_read_as_by_the_engine(seed):
    draw = random.Random(seed)
    row = {
        "n": [1, -2.5e3, {"a": None, "b": [True, False, "\t😀"]}],
        "text": 'é "x" \\ \n',
        "z": {},
    }
    data = bytearray((json.dumps(row, ensure_ascii=seed % 2 == 0) + "\n").encode() * 3)
    for _ in range(draw.randint(1, 3)):
        at = draw.randrange(len(data))
        piece = draw.choice(
            ['"', "\\", "{", "}", "[", "]", ",", ":", "\n", "\r", " ", "0", "e", "u"]
        )
        data[at : at + draw.randint(0, 2)] = draw.choice([piece.encode(), b"", b"\xff", b"\x00"])
    damaged = bytes(data)
    assert parts(read_texts(damaged, "text")) == parts(expected(damaged))


@pytest.mark.parametrize(
    "line",
    [
        '{"text": null}',
        '{"text": 1}',
        '{"other": "a"}',
        '{"text": "a", "text": "b"}',
        '{"text": "\\ud800"}',
        '{"text": "\\ud800\\u0041"}',
        '{"text": "\\udc00"}',
        '{"text": "\\x"}',
        '{"text": "a", "n": 01}',
        '{"text": "a", "n": 1.}',
        '{"text": "a", "n": -}',
        '{"text": "a", "n": 1e}',
        '{"text": "a", "n": NaN}',
        '{"text": "a", "n": tru}',
        '{"text": "a", "n": nul',
        '{"text": "a", "n": t',
        '{"text": "a",}',
        '{"text": "a"} x',
        '{"text": "a"}{"text": "b"}',
        '["text", "a"]',
        '{"text": "a", "n": [1, 2}',
        '{"text": "a", "n": ' + "[" * 80 + "]" * 80 + "}",
        "",
        ' {"text": "a"}',
        "\ufeff" + '{"text": "a"}',
    ],
)
def test_what_is_out_of_the_ordinary_is_left_to_the_engine(line):
    data = line.encode() + b"\n"
    assert _ordinary(data, "text") is None
    assert parts(read_texts(data, "text")) == parts(expected(data))


def test_a_text_that_is_not_utf8_is_left_to_the_engine():
    assert _ordinary(b'{"text": "\xff"}\n', "text") is None


def test_a_last_line_without_an_end_is_left_to_the_engine():
    assert _ordinary(b'{"text": "a"}', "text") is None


def test_windows_line_ends_are_ordinary():
    data = b'{"text": "a"}\r\n{"text": "b"}\r\n'
    block = _ordinary(data, "text")
    assert block is not None
    assert parts(block) == parts(expected(data))


def test_a_name_may_be_written_with_escapes():
    block = _ordinary(b'{"te\\u0078t": "a"}\n', "text")
    assert block is not None
    assert block.table.column("text").to_pylist() == ["a"]


def test_a_line_that_has_grown_since_writes_over_nothing():
    # In a process of its own: to write behind the memory for the texts would end it.
    code = """
import numpy as np
from curator_text.read.json_texts import texts_at
data = b'{"text": "' + b"a" * (64 << 20) + b'"}\\n'
places = np.array([0, 20]), np.array([20, len(data)])
print(texts_at([(memoryview(data), *places)], "text", lines=2, size=40))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"None\n")
