"""Recipes: the filters that are used together, read from a YAML file, and what they decide.

A recipe scores a block of texts in one pass, and decides from the scores alone: limits can be moved
later without reading a text again.
"""

import dataclasses
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.task import ArrowArray
from curator_text.filters import (
    c4,
    code,
    code_files,
    fasttext_filters,
    fineweb,
    gopher,
    histogram,
    linear_filter,
    repetition,
    string,
    tokenizer_filters,
)
from curator_text.filters.doc_filter import DocumentFilter, HeuristicFilter, Scores, TokenFilter
from curator_text.filters.documents import Documents
from curator_text.filters.exact_words import load_words
from curator_text.filters.linear_filter import rule_of_model
from curator_text.read.rule_files import RuleBook, short


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a recipe decides on documents."""

    keep: NDArray[np.bool_]
    """Shape (documents,)."""
    rule: ArrowArray
    """The first filter that a document fails, by its name; null where it stays."""
    reason: ArrowArray
    """The score and the bound that it breaks; null where it stays."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """Filters in order; a document goes if it fails one of them.

    Example:
        recipe = load_recipe("curator-en", ["WordCount.min_words=80"])
        verdict = recipe.judge(recipe.scores(pa.array(texts)))
    """

    name: str
    filters: tuple[DocumentFilter, ...]
    exact_words: str | None = None
    """A language whose words and marks spaCy finds, for the rules that tell words from marks; None: our kernel."""

    def scores(self, texts: ArrowArray) -> dict[str, Scores]:
        """The score of each document by the name of each filter, shape (documents,).

        Args:
            texts: Strings without nulls.
        """
        heuristic = [each for each in self.filters if isinstance(each, HeuristicFilter)]
        wanted = [name for each in heuristic for name in each.counts]
        documents = Documents(texts, wanted=wanted, exact_words=self.exact_words)
        return {each.name: each.score_batch(documents) for each in self.filters}

    @property
    def words(self) -> str:
        """How words are found, as a line to read."""
        cut = sum(isinstance(each, TokenFilter) for each in self.filters)
        if not cut:
            return "words are what lies between white space, in any language"
        rules = f"in {cut} of {len(self.filters)} rules words are cut"
        if self.exact_words:
            return f"{rules} as spaCy cuts {self.exact_words}"
        return f"{rules} by rules for English; for another language name it with --exact-words"

    def with_exact_words(self, lang: str) -> "Recipe":
        """The recipe with words and marks as spaCy finds them.

        Raises:
            SettingsError: No rule tells words from marks.
            ResourceError: spaCy is not there, or has not what the language needs.
        """
        if not any(isinstance(each, TokenFilter) for each in self.filters):
            raise SettingsError(
                f"--exact-words {lang}: the words of recipe {self.name} lie between white space, as its source "
                "has them; leave the option out, or take a recipe such as gopher, fineweb or fineweb2."
            )
        load_words(lang)
        return dataclasses.replace(self, exact_words=lang)

    def judge(self, scores: Mapping[str, Scores]) -> Verdict:
        """Decide on documents by their scores.

        Args:
            scores: As `scores` returns them.

        Raises:
            SettingsError: The score of a filter is missing.
        """
        missing = [each.name for each in self.filters if each.name not in scores]
        if missing:
            raise SettingsError(f"there is no score {', '.join(missing)}; score the texts again.")
        count = len(next(iter(scores.values()), ()))
        keep = np.ones(count, np.bool_)
        rules = np.full(count, None, dtype=object)
        reasons = np.full(count, None, dtype=object)
        for each in self.filters:
            given = scores[each.name]
            fails = keep & ~each.keep_batch(given)
            for place in np.flatnonzero(fails).tolist():
                rules[place], reasons[place] = each.name, each.reason(float(given[place]))
            keep &= ~fails
        return Verdict(
            keep=keep, rule=pa.array(rules, pa.string()), reason=pa.array(reasons, pa.string())
        )


def recipe_names() -> list[str]:
    """The recipes that come with the package."""
    return _BOOK.names()


def recipe_file(name: str) -> Path:
    """The file of a recipe that comes with the package."""
    return _BOOK.folder / f"{name}.yaml"


def load_recipe(name: str, changes: Sequence[str] = (), *, model: str | None = None) -> Recipe:
    """Read a recipe.

    Args:
        name: One of `recipe_names`, or the path of a YAML file.
        changes: Such as "WordCount.min_words=80", or "WordCount=off" to leave a filter out.
        model: A model of `curator-text train`, or of fastText, that decides as well, behind the recipe's filters.

    Raises:
        SettingsError: There is no such recipe, filter or field, or a value is of the wrong type.
        InputError: There is no such model.
    """
    more = None if model is None else {rule_of_model(model): {"model_path": model}}
    return Recipe(name=name, filters=tuple(_BOOK.load(name, changes, more=more)))


def filter_classes() -> dict[str, type[DocumentFilter]]:
    """The filters that a recipe may name, without `Filter` at the end."""
    found = {
        short(each, _SUFFIX): each
        for module in _FAMILIES
        for each in vars(module).values()
        if inspect.isclass(each)
        and issubclass(each, DocumentFilter)
        and is_dataclass(each)
        and not each.__name__.startswith("_")
    }
    return dict(sorted(found.items()))


_SUFFIX = "Filter"
_FAMILIES = (
    string,
    repetition,
    code,
    code_files,
    gopher,
    c4,
    fineweb,
    fasttext_filters,
    linear_filter,
    tokenizer_filters,
    histogram,
)
"""Modules whose filters may stand in a recipe."""
_BOOK = RuleBook(
    folder=Path(__file__).parent.parent / "recipes",
    word="filter",
    suffix=_SUFFIX,
    classes=filter_classes,
    example=("WordCount", "min_words", "80"),
)
