"""CSV and TSV as JSON lines: each row an object of texts, by the names in the first row.

A cell is text, spelled as it was: nothing is guessed about numbers, dates or what is missing. A row
that cannot be told, or has more or fewer cells than there are names, is a bad row with its line.
"""

import re
from collections.abc import Iterator
from json.encoder import encode_basestring

from curator_engine.errors import OtherFormatError
from curator_engine.files.as_lines import bad_row
from curator_engine.files.streams import BrokenFileError

_BOM = b"\xef\xbb\xbf"
_DELIMITERS = (b",", b";", b"\t", b"|")
_PIECE_BYTES = 1 << 20
_MOST_BYTES = 256 << 20
"""Of a row; it is held in memory. A quotation mark that is not closed would make the rest of a file one."""
_QUOTED = re.compile(rb'"[^"]*(?:""[^"]*)*"')
_LINE_END = re.compile(rb"\r\n|\n|\r")


def csv_as_lines(chunks: Iterator[bytes], path: str) -> Iterator[bytes]:
    """The rows of a file as JSON lines, some at a time.

    Args:
        chunks: The bytes of the file, unpacked.
        path: The file; the ending of TSV says what is between the cells.

    Raises:
        OtherFormatError: The first row gives no names.
        BrokenFileError: As `chunks` does, after the rows before.
    """
    rows = _Rows(chunks, path)
    keys = [encode_basestring(name) for name in rows.names]
    pending, size = list[bytes](), 0
    while row := rows.next():
        line = _line(keys, row)
        pending.append(line)
        size += len(line)
        if size >= _PIECE_BYTES:
            yield b"".join(pending)
            pending, size = [], 0
    yield b"".join(pending)
    if rows.broken:
        raise rows.broken


class _Row:
    """A row as it was found."""

    def __init__(self, cells: list[bytes], raw: bytes, line: int, amiss: str = "") -> None:
        self.cells, self.raw, self.line, self.amiss = cells, raw, line, amiss


def _line(keys: list[str], row: _Row) -> bytes:
    amiss = row.amiss
    if not amiss and len(row.cells) != len(keys):
        amiss = f"{len(row.cells)} cells, and the first row has {len(keys)}"
    if not amiss and b"\0" in row.raw:
        amiss = "a NUL byte, which is no text"
    if amiss:
        return bad_row(f"line {row.line}: {amiss}", row.raw)
    try:
        cells = [cell.decode() for cell in row.cells]
    except UnicodeDecodeError:
        at = _first_wrong(row.raw)
        return bad_row(f"line {row.line}: not valid UTF-8 at byte {at} of the row", row.raw)
    pairs = zip(keys, map(encode_basestring, cells), strict=True)
    return f"{{{', '.join([f'{key}: {cell}' for key, cell in pairs])}}}\n".encode()


def _first_wrong(raw: bytes) -> int:
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return error.start
    return 0


class _Rows:
    """The rows of a file, one after the other; the first one is read at once, for its names."""

    def __init__(self, chunks: Iterator[bytes], path: str) -> None:
        self._chunks, self._data, self._at, self._is_all = chunks, b"", 0, False
        self._line = 1
        self.broken: BrokenFileError | None = None
        is_tabs = re.search(r"\.tsv(\.\w+)?$", path.lower())
        self._more(_PIECE_BYTES)
        self._data = self._data.removeprefix(_BOM)
        self._read_by(b"\t")
        while not is_tabs and not _LINE_END.search(_QUOTED.sub(b"", self._data)) and self._more():
            pass
        self._read_by(b"\t" if is_tabs else _delimiter(self._data))
        first = self.next()
        self.names = _names(first, path) if first else []

    def _read_by(self, delimiter: bytes) -> None:
        self._delimiter = delimiter
        ends = re.escape(delimiter) + rb"|\r\n|\n|\r"
        # A cell that does not begin with a quotation mark may hold some.
        plain = rb'(?!")[^' + re.escape(delimiter) + rb"\r\n]*"
        quoted = rb'"([^"]*(?:""[^"]*)*)"'
        self._cell = re.compile(rb"(?:" + quoted + rb"|(" + plain + rb"))(" + ends + rb"|\Z)")

    def _more(self, least: int = 0) -> bool:
        """Read on, as much again as there is, so that a long row is not looked at too often."""
        parts = [self._data[self._at :]]
        size, wanted = len(parts[0]), max(least, 2 * len(parts[0]), _PIECE_BYTES)
        self._at = 0
        while not self._is_all and size < wanted:
            try:
                chunk = next(self._chunks, b"")
            except BrokenFileError as error:
                self.broken, chunk = error, b""
            self._is_all = not chunk
            parts.append(chunk)
            size += len(chunk)
        grown = size > len(parts[0])
        self._data = b"".join(parts)
        return grown

    def next(self) -> _Row | None:
        """The next row that is not blank; None at the end. What is cut off at a break is no row."""
        while True:
            found = self._plain() or self._with_quotes()
            if found is None and not self._is_all and len(self._data) - self._at <= _MOST_BYTES:
                self._more()
                continue
            if found is None:
                if self._at >= len(self._data) or self.broken:
                    return None
                found = self._unclosed()
            row, end = found
            self._at = end
            self._line += len(row.raw.splitlines()) or 1
            if row.raw.strip(b"\r\n"):
                return row

    def _plain(self) -> tuple[_Row, int] | None:
        """A row without quotation marks, as most are, and where it ends."""
        end = self._data.find(b"\n", self._at) + 1
        if not end:
            return None
        raw = self._data[self._at : end]
        body = raw[:-1].removesuffix(b"\r")
        if b'"' in body or b"\r" in body:
            return None
        return _Row(body.split(self._delimiter), raw, self._line), end

    def _with_quotes(self) -> tuple[_Row, int] | None:
        """Any row, and where it ends; None if more must be read to tell."""
        cells, at, data = list[bytes](), self._at, self._data
        if at >= len(data):
            return None
        while found := self._cell.match(data, at):
            end, stop = found.end(), found[3]
            # At the end of what has been read, a line end may be half of one, and a cell of a cell.
            if end == len(data) and (self.broken or not self._is_all) and stop != b"\n":
                return None
            quoted = found[1]
            cells.append(found[2] if quoted is None else quoted.replace(b'""', b'"'))
            if stop != self._delimiter:
                return _Row(cells, data[self._at : end], self._line), end
            at = end
        quoted = _QUOTED.match(data, at)
        if quoted is None or quoted.end() == len(data):
            return None
        return self._bad("text behind the closing quotation mark of a cell")

    def _unclosed(self) -> tuple[_Row, int]:
        if len(self._data) - self._at > _MOST_BYTES and not self._is_all:
            return self._bad(
                f"a row of more than {_MOST_BYTES:,} bytes, or a quotation mark that is not closed"
            )
        return self._bad("a quotation mark that is not closed")

    def _bad(self, amiss: str) -> tuple[_Row, int]:
        """The line on which a row begins that cannot be told: the next row is looked for behind it."""
        found = _LINE_END.search(self._data, self._at)
        end = found.end() if found else len(self._data)
        return _Row([], self._data[self._at : end], self._line, amiss), end


def _delimiter(data: bytes) -> bytes:
    """What stands between the names: a comma, if there is one outside of quotation marks, else another."""
    first = _LINE_END.split(_QUOTED.sub(b"", data.lstrip(b"\r\n")), maxsplit=1)[0]
    return next((each for each in _DELIMITERS if each in first), b",")


def _names(row: _Row, path: str) -> list[str]:
    """The names in the first row.

    Raises:
        OtherFormatError: They are none.
    """
    if row.amiss or b"\0" in row.raw:
        raise OtherFormatError(
            f"{path} has no names of columns in its first row: {row.amiss or 'it holds NUL bytes'}."
        )
    try:
        names = [cell.decode() for cell in row.cells]
    except UnicodeDecodeError as error:
        raise OtherFormatError(
            f"{path} is not UTF-8; convert it, as by iconv -f LATIN1 -t UTF-8 IN > OUT."
        ) from error
    if twice := [name for name in names if names.count(name) > 1]:
        raise OtherFormatError(
            f"{path} has the column {twice[0]!r} twice; rename one in its first row."
        )
    return names
