"""Stages that score documents of a table and keep some, with NeMo Curator's names and parameters.

Filters that count share one pass over the texts. A document that goes is counted under the first filter that
it fails. In a folder of files use `curator-text filter`, which also writes what went, and why.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.positional import positional
from curator_engine.stage import ProcessingStage
from curator_engine.task import ArrowArray
from curator_text.filters.doc_filter import DocumentFilter, HeuristicFilter
from curator_text.filters.documents import Documents
from curator_text.read.columns import join_chunks, text_column
from curator_text.task import DocumentBatch

type Scorer = DocumentFilter | Callable[[str], Any]


@positional("score_fn", "score_field", "text_field", "name")
@dataclass
class Score(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Add a column with a score of each document.

    Example:
        Score(WordCountFilter(), score_field="words")
    """

    score_fn: Scorer | list[DocumentFilter]
    """A filter, a function of a text, or several filters."""
    score_field: str | list[str]
    """The column, or one for each filter."""
    text_field: str | list[str] = field(default="text", kw_only=True)
    """The column with the text, or one for each filter."""

    def __post_init__(self) -> None:
        self._scorers = _several(self.score_fn)
        self._columns = _each(self.score_field, self._scorers, "score_field")
        self._texts = _each(self.text_field, self._scorers, "text_field", one_for_all=True)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], list(dict.fromkeys(self._texts))

    def outputs(self) -> tuple[list[str], list[str]]:
        """The scores."""
        return ["data"], list(self._columns)

    def process(self, task: DocumentBatch) -> DocumentBatch:
        """Add the columns; a column of that name is replaced."""
        for name, values in zip(
            self._columns, _scores(self._scorers, self._texts, task.data), strict=True
        ):
            task.data = _with_column(task.data, name, values)
        return task


@positional("filter_fn", "filter_field", "invert", "name")
@dataclass
class Filter(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Keep the documents for whose value in a column a filter, or a function, says so.

    Example:
        Filter(lambda words: words >= 50, "words")
    """

    filter_fn: Callable[[Any], Any] | DocumentFilter | list[DocumentFilter]
    """A filter, a function of a value, or several filters."""
    filter_field: str | list[str]
    """The column, or one for each filter."""
    invert: bool | list[bool] = field(default=False, kw_only=True)
    """Keep those that would go."""

    def __post_init__(self) -> None:
        self._rules = _several(self.filter_fn)
        self._columns = _each(self.filter_field, self._rules, "filter_field")
        self._inverted = _each(self.invert, self._rules, "invert", one_for_all=True)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The columns that decide."""
        return ["data"], list(self._columns)

    def process(self, task: DocumentBatch) -> DocumentBatch | None:
        """Keep documents; None if none stays."""
        table = task.data
        columns: list[list[Any]] = [table.column(name).to_pylist() for name in self._columns]
        kept = [
            np.array([bool(_keeps(rule)(value)) for value in values], np.bool_)
            for rule, values in zip(self._rules, columns, strict=True)
        ]
        return _select(self, task, self._rules, kept, self._inverted)


@positional("filter_obj", "text_field", "score_field", "invert", "name")
@dataclass
class ScoreFilter(ProcessingStage[DocumentBatch, DocumentBatch]):
    """Score documents and keep those whose score the filter keeps.

    Example:
        ScoreFilter([WordCountFilter(min_words=80), UrlsFilter()], score_field=["words", "urls"])
    """

    filter_obj: DocumentFilter | list[DocumentFilter]
    """One filter or several."""
    text_field: str | list[str] = "text"
    """The column with the text, or one for each filter."""
    score_field: str | list[str] | None = field(default=None, kw_only=True)
    """The column for the score, or one for each filter; None: no column."""
    invert: bool | list[bool] = field(default=False, kw_only=True)
    """Keep those that would go."""

    def __post_init__(self) -> None:
        self._rules = _several(self.filter_obj)
        wrong = next((each for each in self._rules if not isinstance(each, DocumentFilter)), None)
        if wrong is not None:
            raise SettingsError(
                f"{wrong!r} is no DocumentFilter; use Score and Filter for functions."
            )
        self._texts = _each(self.text_field, self._rules, "text_field", one_for_all=True)
        self._inverted = _each(self.invert, self._rules, "invert", one_for_all=True)
        self._columns = (
            [] if self.score_field is None else _each(self.score_field, self._rules, "score_field")
        )

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], list(dict.fromkeys(self._texts))

    def outputs(self) -> tuple[list[str], list[str]]:
        """The scores, if they are kept."""
        return ["data"], list(self._columns)

    def process(self, task: DocumentBatch) -> DocumentBatch | None:
        """Keep documents, with their scores if these have a column; None if none stays."""
        scores = _scores(self._rules, self._texts, task.data)
        for name, values in zip(self._columns, scores, strict=bool(self._columns)):
            task.data = _with_column(task.data, name, values)
        kept = [
            rule.keep_batch(np.asarray(values, np.float64))
            for rule, values in zip(self._rules, scores, strict=True)
        ]
        return _select(self, task, self._rules, kept, self._inverted)


def _several(given: Any) -> list[Any]:
    """The filters of one or a list.

    Raises:
        SettingsError: The list is empty.
    """
    several = list(given) if isinstance(given, list | tuple) else [given]
    if not several:
        raise SettingsError("no filter; give one, or a list of at least one.")
    return several


def _each[T](
    given: T | list[T], rules: list[Any], name: str, *, one_for_all: bool = False
) -> list[T]:
    """A value for each filter.

    Raises:
        SettingsError: There are more or fewer than filters.
    """
    values = given if isinstance(given, list) else [given] * (len(rules) if one_for_all else 1)
    if len(values) != len(rules):
        raise SettingsError(
            f"{name} has {len(values)} values for {len(rules)} filters; give one for each."
        )
    return values


def _name_of(rule: Any) -> str:
    return str(getattr(rule, "name", None) or getattr(rule, "__name__", type(rule).__name__))


def _keeps(rule: Any) -> Callable[[Any], Any]:
    return rule.keep_document if isinstance(rule, DocumentFilter) else rule


def _scores(rules: list[Any], fields: list[str], table: pa.Table) -> list[Any]:
    """What each filter or function says of each text; a text that is missing counts as empty."""
    counts: dict[str, list[str]] = {name: [] for name in fields}
    for rule, name in zip(rules, fields, strict=True):
        if isinstance(rule, HeuristicFilter):
            counts[name] += rule.counts
    documents = {
        name: Documents(_texts(table, name), wanted=wanted) for name, wanted in counts.items()
    }
    found: list[Any] = []
    for rule, name in zip(rules, fields, strict=True):
        if isinstance(rule, DocumentFilter):
            found.append(rule.score_batch(documents[name]))
        else:
            texts: list[Any] = documents[name].texts.to_pylist()
            found.append([rule(text) for text in texts])
    return found


def _texts(table: pa.Table, name: str) -> ArrowArray:
    """The texts of a column.

    Raises:
        SettingsError: Its values are no texts.
    """
    column = text_column(table.column(name))
    if column is None:
        raise SettingsError(f"column {name!r} holds {table.column(name).type}, no texts.")
    filled: Any = pc.call_function("coalesce", [column, pa.scalar("", column.type)])
    return join_chunks(filled)


def _with_column(table: pa.Table, name: str, values: Sequence[Any] | NDArray[Any]) -> pa.Table:
    column: Any = pa.array(values)
    if name in table.column_names:
        return table.set_column(table.column_names.index(name), name, column)
    return table.append_column(name, column)


def _select(
    stage: Any,
    task: DocumentBatch,
    rules: list[Any],
    kept: list[NDArray[np.bool_]],
    inverted: list[bool],
) -> DocumentBatch | None:
    """The documents that pass all filters; those that go are counted under the first that they fail."""
    stays = np.ones(task.num_items, np.bool_)
    for rule, keep, invert in zip(rules, kept, inverted, strict=True):
        fails = stays & (keep if invert else ~keep)
        if fails.any():
            stage.count_drops({_name_of(rule): int(fails.sum())})
        stays &= ~fails
    if not stays.any():
        return None
    return task if stays.all() else task.select(stays)
