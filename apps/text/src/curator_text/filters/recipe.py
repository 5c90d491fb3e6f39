"""Recipes: the filters that are used together, read from a YAML file, and what they decide.

A recipe scores a block of texts in one pass, and decides from the scores alone: limits can be moved
later without reading a text again.
"""

import dataclasses
import difflib
import inspect
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml
from numpy.typing import NDArray

from curator_engine.errors import SettingsError
from curator_engine.files.yaml_file import read_mapping
from curator_engine.task import ArrowArray
from curator_text.filters import c4, code, fineweb, gopher, repetition, string
from curator_text.filters.doc_filter import DocumentFilter, HeuristicFilter, Scores
from curator_text.filters.documents import Documents

_FOLDER = Path(__file__).parent.parent / "recipes"
_SUFFIX = "Filter"


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

    def scores(self, texts: ArrowArray) -> dict[str, Scores]:
        """The score of each document by the name of each filter, shape (documents,).

        Args:
            texts: Strings without nulls.
        """
        heuristic = [each for each in self.filters if isinstance(each, HeuristicFilter)]
        documents = Documents(texts, wanted=[name for each in heuristic for name in each.counts])
        return {each.name: each.score_batch(documents) for each in self.filters}

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
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def load_recipe(name: str, changes: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        name: One of `recipe_names`, or the path of a YAML file.
        changes: Such as "WordCount.min_words=80", or "WordCount=off" to leave a filter out.

    Raises:
        SettingsError: There is no such recipe, filter or field, or a value is of the wrong type.
    """
    path = _FOLDER / f"{name}.yaml"
    if "/" in name or not path.is_file():
        path = Path(name)
        if not path.is_file():
            raise SettingsError(
                f"no recipe {name!r}; give one of {', '.join(recipe_names())}, or a YAML file."
            )
    rules = list(_rules(str(path)))
    for change in changes:
        _change(rules, change)
    filters = [rule.build() for rule in rules]
    names = [each.name for each in filters]
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice:
        raise SettingsError(f"recipe {name} has the filter {twice} twice; leave one out.")
    return Recipe(name=name, filters=tuple(filters))


@dataclass(kw_only=True)
class _Rule:
    """A filter of a recipe before it is built."""

    kind: type[DocumentFilter]
    values: dict[str, Any]
    where: str

    @property
    def names(self) -> tuple[str, str]:
        """What it may be called in a change: its class, and its score."""
        return _short(self.kind), self.build().name

    def set(self, field: str, value: Any, where: str) -> None:
        """Set a field of the filter.

        Raises:
            SettingsError: There is no such field, or the value is of another type.
        """
        kinds = typing.get_type_hints(self.kind)
        known = {each.name: kinds[each.name] for each in dataclasses.fields(_dataclass(self.kind))}
        if field not in known:
            close = difflib.get_close_matches(field, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
            raise SettingsError(f"{where}: {_short(self.kind)} has no field {field!r}; {hint}")
        self.values[field] = _typed(value, known[field], f"{where}: {_short(self.kind)}.{field}")

    def build(self) -> DocumentFilter:
        """The filter.

        Raises:
            SettingsError: A field is missing or out of range.
        """
        try:
            return self.kind(**self.values)
        except TypeError as error:
            raise SettingsError(f"{self.where}: {_short(self.kind)}: {error}.") from error


def _rules(path: str) -> Iterator[_Rule]:
    """The filters that a file lists."""
    top = {key.value: value for key, value in read_mapping(path)}
    listed = top.pop("filters", None)
    if top or not isinstance(listed, yaml.SequenceNode):
        raise SettingsError(f"{path} is no recipe: it has one key, filters, with a list of them.")
    for node in listed.value:
        where = f"{path}:{node.start_mark.line + 1}"
        if isinstance(node, yaml.ScalarNode):
            yield _Rule(kind=_kind(node.value, where), values={}, where=where)
            continue
        if not isinstance(node, yaml.MappingNode) or len(node.value) != 1:
            raise SettingsError(f"{where} is no filter; write it as - WordCount: {{min_words: 50}}")
        name, fields = node.value[0]
        rule = _Rule(kind=_kind(name.value, where), values={}, where=where)
        if not isinstance(fields, yaml.MappingNode):
            raise SettingsError(f"{where}: the fields of {name.value} are no mapping.")
        for key, value in fields.value:
            place = f"{path}:{key.start_mark.line + 1}"
            if isinstance(value, yaml.MappingNode):
                raise SettingsError(f"{place}: {key.value} is neither a value nor a list.")
            rule.set(key.value, yaml.SafeLoader("").construct_object(value, deep=True), place)
        yield rule


def _change(rules: list[_Rule], change: str) -> None:
    """Apply a change to the filters that it names."""
    where = f"--set {change}"
    target, equals, text = change.partition("=")
    name, _, field = target.strip().partition(".")
    off = text.strip() == "off" and not field
    if not equals or not (field or off):
        raise SettingsError(f"{where}: write it as WordCount.min_words=80, or WordCount=off.")
    found = [
        rule for rule in rules if name.removesuffix(_SUFFIX) in rule.names or name in rule.names
    ]
    known = list(dict.fromkeys(each for rule in rules for each in rule.names))
    if not found:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
        raise SettingsError(f"{where}: the recipe has no filter {name!r}; {hint}")
    if off:
        rules[:] = [rule for rule in rules if rule not in found]
        return
    if len(found) > 1:
        scores = ", ".join(rule.names[1] for rule in found)
        raise SettingsError(f"{where}: {name} stands for several filters; name one of {scores}.")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"{where}: {text!r} is no value.") from error
    found[0].set(field.strip(), value, where)


def _short(kind: type) -> str:
    return kind.__name__.removesuffix(_SUFFIX)


def filter_classes() -> dict[str, type[DocumentFilter]]:
    """The filters that a recipe may name, without `Filter` at the end."""
    found = {
        _short(each): each
        for module in (string, repetition, code, gopher, c4, fineweb)
        for each in vars(module).values()
        if inspect.isclass(each)
        and issubclass(each, DocumentFilter)
        and dataclasses.is_dataclass(each)
        and not each.__name__.startswith("_")
    }
    return dict(sorted(found.items()))


def _kind(name: str, where: str) -> type[DocumentFilter]:
    known = filter_classes()
    kind = known.get(name.removesuffix(_SUFFIX))
    if kind is None:
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
        raise SettingsError(f"{where}: no filter {name!r}; {hint}")
    return kind


def _dataclass(kind: Any) -> Any:
    """The class, for `dataclasses.fields`, whose type does not know that it is one."""
    return kind


def _typed(value: Any, hint: Any, where: str) -> Any:
    """The value as the type of a field.

    Raises:
        SettingsError: It is of another type.
    """
    choices = typing.get_args(hint) or (hint,)
    if typing.get_origin(hint) is list:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise SettingsError(f"{where} is {value!r}; it must be a list of texts.")
        return value
    if float in choices and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if typing.get_origin(hint) is typing.Literal:
        fits = value in choices
    else:
        fits = any(type(value) is choice for choice in choices)
    if not fits:
        raise SettingsError(f"{where} is {value!r}; it must be {_in_words(choices)}.")
    return value


def _in_words(choices: tuple[Any, ...]) -> str:
    names: dict[Any, str] = {
        int: "a whole number",
        float: "a number",
        str: "a text",
        bool: "true or false",
    }
    shown = (
        names.get(each, repr(each)) for each in choices if each in names or isinstance(each, str)
    )
    return " or ".join(shown)
