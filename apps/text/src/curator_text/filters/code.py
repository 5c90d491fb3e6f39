"""Rules on source code, with NeMo Curator's names, parameters and defaults. Source: StarCoder (Li et al. 2023)."""

import ast
import csv
import html
import io
import re
import tokenize
import warnings
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_text.filters.comments import LANGUAGES, comments_of, python_comments
from curator_text.filters.doc_filter import Bounds, DocumentFilter, HeuristicFilter, Scores
from curator_text.filters.documents import Documents

_XML = "<?xml version="


@dataclass
class NumberOfLinesOfCodeFilter(HeuristicFilter):
    """Drop files with too few or too many lines; empty ones count."""

    min_lines: int = 10
    max_lines: int = 20000
    name = "num_lines"
    needs = ("line_ends",)

    def score_batch(self, documents: Documents) -> Scores:
        """The number of lines."""
        return documents["line_ends"].astype(np.float64) + 1

    def bounds(self) -> Bounds:
        """The least and the most."""
        return self.min_lines, self.max_lines


@dataclass
class AlphaFilter(HeuristicFilter):
    """Drop files in which too few characters are letters, such as tables and tensors written as text."""

    min_alpha_ratio: float = 0.25
    name = "alpha_filter"
    needs = ("letters", "chars")

    def score_batch(self, documents: Documents) -> Scores:
        """The share of letters."""
        return documents.share("letters", "chars", empty=0.0)

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.min_alpha_ratio, None


@dataclass
class XMLHeaderFilter(DocumentFilter):
    """Drop files that begin as XML does, whatever their names say."""

    char_prefix_search_length: int = 100
    """Characters at the beginning that are looked at."""
    name = "xml_header"

    def score_document(self, text: str) -> float:
        """1 with an XML declaration, else 0."""
        return float(_XML in text[: self.char_prefix_search_length])

    def keep_document(self, score: float) -> bool:
        """Whether there is none."""
        return score != 1


@dataclass
class PythonCommentToCodeFilter(DocumentFilter):
    """Drop Python files with too few or too many comments and docstrings.

    A file that Python 3 does not parse, as one of Python 2 or one that breaks off, is searched for them by their marks.
    """

    min_comment_to_code_ratio: float = 0.01
    max_comment_to_code_ratio: float = 0.85
    name = "python_comment_ratio"

    def score_document(self, text: str) -> float:
        """Characters of comments and docstrings per character."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                written = _docstrings(text) + _comments(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
            written = python_comments(text)
        return sum(map(len, written)) / len(text) if text else 0.0

    def keep_document(self, score: float) -> bool:
        """Whether the ratio is within the bounds."""
        return self.min_comment_to_code_ratio <= score <= self.max_comment_to_code_ratio

    def bounds(self) -> Bounds:
        """The least and the most."""
        return self.min_comment_to_code_ratio, self.max_comment_to_code_ratio


def _docstrings(source: str) -> list[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds))
    return [found for node in nodes if (found := ast.get_docstring(node))]


def _comments(source: str) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@positional("language", "min_comment_to_code_ratio", "max_comment_to_code_ratio")
@dataclass
class GeneralCommentToCodeFilter(DocumentFilter):
    """Drop files with too few or too many comments, in a language that is given by its MIME type.

    The marks of a comment do not count, and what looks like one in a string is none. A block comment without an end
    goes to the end of the file.
    """

    language: str
    """Such as text/x-c++ or text/x-go."""
    min_comment_to_code_ratio: float = 0.01
    max_comment_to_code_ratio: float = field(default=0.85, kw_only=True)
    name = "comment_ratio"

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            known = ", ".join(sorted(LANGUAGES))
            raise SettingsError(f"language={self.language!r} is not known; there are {known}.")

    def score_document(self, text: str) -> float:
        """Characters of comments, with one between them, per character."""
        sizes = list(map(len, comments_of(text, self.language)))
        return (sum(sizes) + max(len(sizes) - 1, 0)) / len(text) if text else 0.0

    def keep_document(self, score: float) -> bool:
        """Whether the ratio is within the bounds."""
        return self.min_comment_to_code_ratio <= score <= self.max_comment_to_code_ratio

    def bounds(self) -> Bounds:
        """The least and the most."""
        return self.min_comment_to_code_ratio, self.max_comment_to_code_ratio


_NO_TEXT = re.compile(
    r"<(script|style)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)|<[a-zA-Z/!?][^>]*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass
class HTMLBoilerplateFilter(DocumentFilter):
    """Drop pages of HTML in which little is text that one sees."""

    min_lang_content_ratio: float = 0.2
    min_lang_content_num_chars: int = 100
    name = "html_boilerplate"

    def score_document(self, text: str) -> float:
        """The share of characters outside of tags, scripts and styles; 0 if they are few."""
        seen = len(html.unescape(_NO_TEXT.sub("", text)))
        return 0.0 if seen < self.min_lang_content_num_chars else seen / len(text)

    def keep_document(self, score: float) -> bool:
        """Whether the share is large enough."""
        return score >= self.min_lang_content_ratio

    def bounds(self) -> Bounds:
        """At least the ratio."""
        return self.min_lang_content_ratio, None


_COLUMNS = ("language", "extension", "Include", "Long_line_threshold", "Alphanum_threshold")
_LETTERS_COLUMN = "Alpha filter"
_LONGEST_MEAN_LINE = 100
"""Characters; for languages that have a limit for the longest line."""


@positional("lang", "extension", "metadata_file")
@dataclass
class PerExtensionFilter(DocumentFilter):
    """Drop files by limits for their language and extension, from a CSV file.

    Its columns are language, extension, Include (1 or 0), Long_line_threshold, Alphanum_threshold and
    Alpha filter; an empty cell sets no limit. What it does not list goes.
    """

    lang: str
    """As the file's column calls it, in any case; C# and F# are c-sharp and f-sharp."""
    extension: str
    metadata_file: str = field(default="code_meta.csv", kw_only=True)
    name = "per_extension_filter"

    def __post_init__(self) -> None:
        self._limits = _limits_of(self.metadata_file, self.lang, self.extension or "")

    def score_document(self, text: str) -> float:
        """1 for a file within the limits, else 0."""
        if self._limits is None or not text:
            return 0.0
        longest, alphanumeric, letters = self._limits
        lines = [len(line) for line in text.split("\n")]
        mean = (len(text) + 1) / len(lines) - 1
        if longest is not None and (max(lines) > longest or mean > _LONGEST_MEAN_LINE):
            return 0.0
        documents = Documents.of([text], wanted=())
        common = int(documents["common_chars"][0])
        if alphanumeric is not None and common / len(text) < alphanumeric:
            return 0.0
        found = sum(map(str.isalpha, text))
        return float(letters is None or found >= letters * len(text))

    def keep_document(self, score: float) -> bool:
        """Whether it is within the limits."""
        return score == 1


type _Limits = tuple[float | None, float | None, float | None]


def _limits_of(path: str, lang: str, extension: str) -> _Limits | None:
    """Longest line, share of letters and digits, share of letters; None if such files go.

    Raises:
        SettingsError: The file cannot be read, or has nothing on the language.
    """
    wanted = {"C#": "c-sharp", "F#": "f-sharp"}.get(lang, lang.lower().replace(" ", "-"))
    try:
        with Path(path).open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row.get("language") == wanted]
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingsError(f"{path} is no CSV file in UTF-8.") from error
    if not rows or not {*_COLUMNS, _LETTERS_COLUMN} <= rows[0].keys():
        named = ", ".join([*_COLUMNS, _LETTERS_COLUMN])
        raise SettingsError(f"{path} has no rows of {wanted!r} with the columns {named}.")
    row = next((each for each in rows if each["extension"] == extension), None)
    if row is None or row["Include"] != "1":
        return None
    return (
        _number(row["Long_line_threshold"]),
        _number(row["Alphanum_threshold"]),
        _number(row[_LETTERS_COLUMN]),
    )


def _number(cell: str | None) -> float | None:
    try:
        return float(cell or "")
    except ValueError:
        return None
