"""Rules on source code, with NeMo Curator's names, parameters and defaults. Source: StarCoder (Li et al. 2023)."""

import ast
import io
import tokenize
import warnings
from dataclasses import dataclass

import numpy as np

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
    """Drop Python files with too few or too many comments and docstrings, and those that are no Python."""

    min_comment_to_code_ratio: float = 0.01
    max_comment_to_code_ratio: float = 0.85
    name = "python_comment_ratio"

    def score_document(self, text: str) -> float:
        """Characters of comments and docstrings per character; 0 for what is no Python."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                written = _docstrings(text) + _comments(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
            return 0.0
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
