"""Documents about mathematics out of rows with pages, by NeMo Curator's names.

There pages go through the program lynx; here through `MathExtractor`, in a process that is watched, and formulas stay LaTeX.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_text.download.records import DocumentExtractor, Record, filename_column, table_of
from curator_text.extract.encodings import decode
from curator_text.extract.page_texts import Page, Wanted, sniffed
from curator_text.extract.watched import WatchedExtractor
from curator_text.task import DocumentBatch

_HTML_TYPES = frozenset(
    [
        *(f"text/{name}" for name in ("asp", "html", "x-coldfusion", "x-jsp", "x-php")),
        *(f"application/{name}xml" for name in ("", "atom+", "rdf+", "rss+", "xhtml+")),
        "image/svg+xml",
    ]
)
"""What servers say of pages of HTML, or of what a browser shows as such."""
_SHOWN_OUTPUTS = frozenset(["execute_result", "display_data"])


class LynxExtractor:
    """The text of a page with its formulas in LaTeX; its name is NeMo Curator's, lynx is not needed.

    Args:
        timeout_sec: Seconds for a page.

    Example:
        >>> LynxExtractor().extract_text("<p>A text.</p>")
        'A text.'
    """

    def __init__(self, timeout_sec: int = 20) -> None:
        self.timeout_sec = timeout_sec
        self._watched: WatchedExtractor | None = None

    def extract_text(self, html: str) -> str:
        """The text; empty if there is none, or the page kills the extractor or takes too long."""
        if not html:
            return ""
        if self._watched is None:
            wanted = Wanted(extractor="math", links=False)
            self._watched = WatchedExtractor(wanted=wanted, timeout_s=float(self.timeout_sec))
        data = html.encode("utf-8", "replace")
        page = Page(kind="html", data=data, content_type="text/html; charset=utf-8")
        return self._watched.extract(page).text

    def close(self) -> None:
        """End the process that extracts; the next page begins another."""
        if self._watched is not None:
            self._watched.close()
            self._watched = None

    def __getstate__(self) -> dict[str, Any]:
        """Another process begins its own."""
        return {**self.__dict__, "_watched": None}


@positional("binary_column", "url_column", "mime_type_column", "lynx_timeout_sec")
@dataclass(kw_only=True)
class MathContentExtractor(DocumentExtractor):
    """Makes a document of a row with a page, a notebook or a text.

    Example:
        >>> MathContentExtractor().extract(
        ...     {"binary_content": b"<p>So.</p>", "url": "a", "mime_type": "text/html"}
        ... )["text"]
        'So.'
    """

    binary_column: str = "binary_content"
    """The column with the bytes."""
    url_column: str = "url"
    """The column with the address."""
    mime_type_column: str = "mime_type"
    """The column with the type that the server said."""
    lynx_timeout_sec: int = 20
    """Seconds for a page."""
    _pages: LynxExtractor | None = field(default=None, init=False, repr=False, compare=False)

    def input_columns(self) -> list[str]:
        """What a row must have."""
        return [self.binary_column, self.url_column, self.mime_type_column]

    def output_columns(self) -> list[str]:
        """What a document has."""
        return ["text", self.url_column, "type", "magic_mime_type"]

    def extract(self, record: Record) -> Record | None:
        """The document; None if the bytes are no text in any encoding."""
        data: Any = record.get(self.binary_column)
        url, said = record.get(self.url_column), record.get(self.mime_type_column)
        found = decode(bytes(data)) if isinstance(data, bytes | bytearray) else None
        if found is None or not found.text or not found.is_readable:
            return None
        magic = _magic_type(bytes(data), found.text)
        kind = _kind(magic, str(said or ""))
        text = found.text
        if kind == "notebook":
            text = _notebook_text(found.text)
        elif kind == "html":
            if self._pages is None:
                self._pages = LynxExtractor(self.lynx_timeout_sec)
            text = self._pages.extract_text(found.text)
        return {"text": text, self.url_column: url, "type": kind, "magic_mime_type": magic}

    def close(self) -> None:
        """End the process that extracts."""
        if self._pages is not None:
            self._pages.close()


def _magic_type(data: bytes, text: str) -> str:
    """The type by what is in it."""
    if _notebook(text) is not None:
        return "application/json"
    return "text/html" if sniffed(data) == "html" else "text/plain"


def _kind(magic: str, said: str) -> str:
    if magic == "application/json":
        return "notebook"
    is_page = magic == "text/html" or said.partition(";")[0].strip().lower() in _HTML_TYPES
    return "html" if is_page else "text"


def _notebook(text: str) -> list[Any] | None:
    """The cells of a Jupyter notebook; None if it is something else."""
    if not text.lstrip().startswith("{") or '"nbformat"' not in text:
        return None
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None
    cells: Any = found.get("cells") if "nbformat_minor" in found else None
    return cells if isinstance(cells, list) else None


def _notebook_text(text: str) -> str:
    """What is written in the cells and what they printed, cell by cell."""
    parts = list[str]()
    for cell in filter(_is_object, _notebook(text) or []):
        if cell.get("cell_type") in ("code", "markdown", "raw"):
            parts.append(_joined(cell.get("source")))
        if cell.get("cell_type") == "code":
            outputs: Any = cell.get("outputs")
            shown: list[Any] = outputs if isinstance(outputs, list) else []
            parts.extend(_output_text(each) for each in filter(_is_object, shown))
    return "\n".join(part.rstrip("\n") for part in parts if part.strip())


def _output_text(output: dict[str, Any]) -> str:
    kind: Any = output.get("output_type")
    if kind in ("stream", "text"):
        return _joined(output.get("text"))
    data: Any = output.get("data")
    return _joined(data.get("text/plain")) if kind in _SHOWN_OUTPUTS and _is_object(data) else ""


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _joined(lines: Any) -> str:
    """A text that a notebook holds whole, or as a list of lines."""
    if isinstance(lines, str):
        return lines
    return "".join(map(str, lines)) if isinstance(lines, list) else ""


@positional("extractor", "add_filename_column")
@dataclass(kw_only=True)
class MathExtractStage(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Make a document of each row by an extractor; rows without one are counted as dropped.

    Example:
        >>> MathExtractStage(MathContentExtractor())
    """

    extractor: DocumentExtractor
    """Makes documents of rows."""
    add_filename_column: bool | str = False
    """Name of a column of the rows that stays, with the name of the file; True for `file_name`."""

    def __post_init__(self) -> None:
        self.name = f"extract_{type(self.extractor).__name__.lower()}"

    def inputs(self) -> tuple[list[str], list[str]]:
        """What the extractor needs."""
        return ["data"], self.extractor.input_columns()

    def outputs(self) -> tuple[list[str], list[str]]:
        """What the extractor gives."""
        column = filename_column(self.add_filename_column)
        return ["data"], [*self.extractor.output_columns(), *([column] if column else [])]

    def process(self, task: DocumentBatch) -> DocumentBatch | None:
        """The documents of a batch, or None if there are none.

        Raises:
            PipelineError: A column holds values of several kinds.
        """
        column = filename_column(self.add_filename_column)
        rows = list[Record]()
        for row in task.data.select(task.get_columns()).to_pylist():
            found = self.extractor.extract(row)
            if found is not None:
                kept = {column: row[column]} if column and column in row else {}
                rows.append({**found, **kept})
        lost = task.data.num_rows - len(rows)
        if lost:
            self.count_drops({"nothing extracted": lost})
        if not rows:
            return None
        task.data = table_of(rows, stage=self.name)
        return task

    def teardown(self) -> None:
        """End the process of an extractor that has one."""
        if isinstance(self.extractor, MathContentExtractor):
            self.extractor.close()
