"""CSV and TSV as JSON lines, against the standard library where it reads them."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.errors import OtherFormatError
from curator_engine.files import csv_rows
from curator_engine.files.as_lines import bad_row_of
from curator_engine.files.csv_rows import csv_as_lines


def lines_of(data, path="a.csv", *, size=1 << 20):
    chunks = (data[i : i + size] for i in range(0, len(data), size))
    return b"".join(csv_as_lines(chunks, path)).splitlines(keepends=True)


def rows_of(data, path="a.csv", **options):
    lines = lines_of(data, path, **options)
    return [json.loads(line) for line in lines if bad_row_of(line) is None]


def reasons_of(data, path="a.csv"):
    found = map(bad_row_of, lines_of(data, path))
    return [bad[0] for bad in found if bad]


CELLS = st.text(st.sampled_from('ab, "\n\r;\t|é'), max_size=6)


@given(
    rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), max_size=6),
    size=st.integers(1, 9),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_rows_are_those_that_the_standard_library_writes(rows, size, end):
    file = io.StringIO()
    # A return alone is written without quotation marks, though it ends a row.
    quoting = (
        csv.QUOTE_ALL if any("\r" in cell for row in rows for cell in row) else csv.QUOTE_MINIMAL
    )
    writer = csv.writer(file, lineterminator=end, quoting=quoting)
    writer.writerows([["id", "text"], *rows])
    expected = [{"id": a, "text": b} for a, b in rows]
    assert rows_of(file.getvalue().encode(), size=size) == expected


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_what_stands_between_cells_is_told_by_the_names(mark):
    data = f'id{mark}"a,b;c|d\t"{mark}text\n1{mark}2{mark}"x,;|\t"\n'.encode()
    assert rows_of(data) == [{"id": "1", "a,b;c|d\t": "2", "text": "x,;|\t"}]


def test_tsv_is_cut_at_tabs_whatever_its_names_hold():
    assert rows_of(b"a,b\ttext\n1\t2\n", "a.TSV.gz") == [{"a,b": "1", "text": "2"}]


def test_a_cell_keeps_its_spelling():
    data = b"id,text,n\n007,NULL,1.50\n,true, 2\n"
    first, second = rows_of(data)
    assert first == {"id": "007", "text": "NULL", "n": "1.50"}
    assert second == {"id": "", "text": "true", "n": " 2"}


def test_a_quotation_mark_inside_of_a_cell_is_part_of_it():
    assert rows_of(b'id,text\n1,a 5" disk\n') == [{"id": "1", "text": 'a 5" disk'}]


def test_a_byte_order_mark_is_no_part_of_a_name():
    assert rows_of(b"\xef\xbb\xbfid,text\n1,a\n") == [{"id": "1", "text": "a"}]


def test_blank_lines_are_no_rows():
    assert len(rows_of(b"\n\nid,text\n\n1,a\n\r\n2,b")) == 2


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"only one", "line 4: 1 cells, and the first row has 2"),
        (b"a,b,c", "line 4: 3 cells, and the first row has 2"),
        (b'1,"a"b', "line 4: text behind the closing quotation mark of a cell"),
        (b"1,caf\xe9", "line 4: not valid UTF-8 at byte 5 of the row"),
        (b"1,a\0b", "line 4: a NUL byte, which is no text"),
        (b'1,"never closed', "line 4: a quotation mark that is not closed"),
    ],
)
def test_a_row_that_cannot_be_told_goes_alone_with_its_line(row, reason):
    data = b'id,text\n0,"two\nlines"\n' + row + b"\n2,fine\n"
    assert reasons_of(data) == [reason]
    assert [each["id"] for each in rows_of(data)] == ["0", "2"]


@pytest.mark.parametrize("data", [b"", b"\n", b"id,text", b"id,text\n"])
def test_a_file_without_rows_has_none(data):
    assert lines_of(data) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"text,text\n1,2\n", "'text' twice"),
        (b"caf\xe9,text\n1,2\n", "is not UTF-8"),
        (b"a\0,text\n1,2\n", "NUL bytes"),
        (b'"a"b,text\n1,2\n', "no names of columns"),
    ],
)
def test_a_file_whose_first_row_gives_no_names_is_refused(data, reason):
    with pytest.raises(OtherFormatError, match=reason):
        lines_of(data)


def test_a_row_longer_than_is_held_is_bad_and_the_next_is_read(monkeypatch):
    monkeypatch.setattr(csv_rows, "_MOST_BYTES", 100)
    monkeypatch.setattr(csv_rows, "_PIECE_BYTES", 10)
    data = b'id,text\n1,"' + b"x" * 400 + b"\n2,b\n" + b"3,c\n" * 100
    assert "or a quotation mark that is not closed" in " ".join(
        bad[0] for bad in map(bad_row_of, lines_of(data, size=10)) if bad
    )
    assert rows_of(data, size=10)[:2] == [{"id": "2", "text": "b"}, {"id": "3", "text": "c"}]
