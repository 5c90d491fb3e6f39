"""Recipes as YAML files: rules by the names of their classes, with the values of their fields.

What a rule does is for the class to say; each job that has recipes has a `RuleBook`.
"""

import dataclasses
import difflib
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from curator_engine.errors import SettingsError
from curator_engine.files.yaml_file import read_mapping


@dataclass(frozen=True, kw_only=True)
class RuleBook:
    """The recipes of a job and the rules that they may name.

    Example:
        book.load("curator-en", ["WordCount.min_words=80"])
    """

    folder: Path
    """With the recipes of the package, `NAME.yaml`."""
    word: str
    """What a rule is called; with an s, the key of a file."""
    suffix: str
    """What names of classes end with, and may be left out."""
    classes: Callable[[], Mapping[str, type[Any]]]
    """The classes by name, without the suffix; their objects have a `name`, and may have `is_off`: left out as they are set."""
    example: tuple[str, str, str]
    """A rule, a field of it and a value, for messages."""

    def names(self) -> list[str]:
        """The recipes that come with the package."""
        return sorted(path.stem for path in self.folder.glob("*.yaml"))

    def load(
        self,
        name: str,
        changes: Sequence[str] = (),
        *,
        more: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> list[Any]:
        """Read a recipe and make its rules.

        Args:
            name: One of `names`, or the path of a YAML file.
            changes: Such as "WordCount.min_words=80", or "WordCount=off" to leave a rule out.
            more: Rules behind those of the recipe, by name with the values of their fields.

        Raises:
            SettingsError: There is no such recipe, rule or field, or a value is of the wrong type.
        """
        path = self.folder / f"{name}.yaml"
        if "/" in name or not path.is_file():
            path = Path(name)
            if not path.is_file():
                raise SettingsError(
                    f"no recipe {name!r}; give one of {', '.join(self.names())}, or a YAML file."
                )
        rules = list(self._rules(str(path)))
        rules += [self._with_values(rule, values) for rule, values in (more or {}).items()]
        for change in changes:
            self._change(rules, change)
        made = [each for rule in rules if not getattr(each := rule.build(), "is_off", False)]
        names = [each.name for each in made]
        twice = next((each for each in names if names.count(each) > 1), None)
        if twice:
            raise SettingsError(f"recipe {name} has the {self.word} {twice} twice; leave one out.")
        return made

    def made(self, name: str, values: Mapping[str, Any]) -> Any:
        """A rule by the name of its class and the values of its fields."""
        return self._with_values(name, values).build()

    def _with_values(self, name: str, values: Mapping[str, Any]) -> "_Rule":
        rule = self._rule(name, name)
        for field, value in values.items():
            rule.set(field, value, name)
        return rule

    def _rules(self, path: str) -> Iterator["_Rule"]:
        """The rules that a file lists."""
        key, (name, field, value) = f"{self.word}s", self.example
        top = {key.value: value for key, value in read_mapping(path)}
        listed = top.pop(key, None)
        if top or not isinstance(listed, yaml.SequenceNode):
            raise SettingsError(f"{path} is no recipe: it has one key, {key}, with a list of them.")
        for node in listed.value:
            where = f"{path}:{node.start_mark.line + 1}"
            if isinstance(node, yaml.ScalarNode):
                yield self._rule(node.value, where)
                continue
            if not isinstance(node, yaml.MappingNode) or len(node.value) != 1:
                raise SettingsError(
                    f"{where} is no {self.word}; write it as - {name}: {{{field}: {value}}}"
                )
            yield self._rule_with_fields(*node.value[0], path=path, where=where)

    def _rule(self, name: str, where: str) -> "_Rule":
        return _Rule(kind=self._kind(name, where), values={}, where=where, suffix=self.suffix)

    def _rule_with_fields(self, name: Any, fields: Any, *, path: str, where: str) -> "_Rule":
        rule = self._rule(name.value, where)
        if not isinstance(fields, yaml.MappingNode):
            raise SettingsError(f"{where}: the fields of {name.value} are no mapping.")
        for key, value in fields.value:
            place = f"{path}:{key.start_mark.line + 1}"
            if not isinstance(value, yaml.ScalarNode) and not rule.takes_list(key.value):
                raise SettingsError(f"{place}: {key.value} is no single value.")
            plain: Any = yaml.SafeLoader("").construct_object(value, deep=True)
            rule.set(key.value, plain, place)
        return rule

    def _change(self, rules: list["_Rule"], change: str) -> None:
        """Apply a change to the rules that it names."""
        where = f"--set {change}"
        target, equals, text = change.partition("=")
        name, _, field = target.strip().partition(".")
        off = text.strip() == "off" and not field
        if not equals or not (field or off):
            rule, known, value = self.example
            raise SettingsError(f"{where}: write it as {rule}.{known}={value}, or {rule}=off.")
        found = self._named(rules, name, where)
        if off:
            rules[:] = [rule for rule in rules if rule not in found]
            return
        if len(found) > 1:
            names = ", ".join(rule.names[1] for rule in found)
            raise SettingsError(
                f"{where}: {name} stands for several {self.word}s; name one of {names}."
            )
        try:
            value = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise SettingsError(f"{where}: {text!r} is no value.") from error
        found[0].set(field.strip(), value, where)

    def _named(self, rules: list["_Rule"], name: str, where: str) -> list["_Rule"]:
        given = (name, name.removesuffix(self.suffix))
        found = [rule for rule in rules if any(each in rule.names for each in given)]
        if not found:
            known = list(dict.fromkeys(each for rule in rules for each in rule.names))
            hint = _hint(name, known)
            raise SettingsError(f"{where}: the recipe has no {self.word} {name!r}; {hint}")
        return found

    def _kind(self, name: str, where: str) -> type[Any]:
        known = self.classes()
        kind = known.get(name.removesuffix(self.suffix))
        if kind is None:
            raise SettingsError(f"{where}: no {self.word} {name!r}; {_hint(name, known)}")
        return kind


@dataclass(kw_only=True)
class _Rule:
    """A rule of a recipe before it is made."""

    kind: type[Any]
    values: dict[str, Any]
    where: str
    suffix: str

    @property
    def short(self) -> str:
        """Its class."""
        return short(self.kind, self.suffix)

    @property
    def names(self) -> tuple[str, str]:
        """What it may be called in a change: its class, and its own name."""
        return self.short, self.build().name

    def takes_list(self, field: str) -> bool:
        """Whether a field is a list of texts."""
        return list[str] in _choices(typing.get_type_hints(self.kind).get(field))

    def set(self, field: str, value: Any, where: str) -> None:
        """Set a field of the rule.

        Raises:
            SettingsError: There is no such field, or the value is of another type.
        """
        kinds = typing.get_type_hints(self.kind)
        given = [each for each in dataclasses.fields(self.kind) if each.init]
        known = {each.name: kinds[each.name] for each in given}
        if field not in known:
            raise SettingsError(
                f"{where}: {self.short} has no field {field!r}; {_hint(field, known)}"
            )
        self.values[field] = _typed(value, known[field], f"{where}: {self.short}.{field}")

    def build(self) -> Any:
        """The rule.

        Raises:
            SettingsError: A field is missing or out of range.
        """
        try:
            return self.kind(**self.values)
        except TypeError as error:
            raise SettingsError(f"{self.where}: {self.short}: {error}.") from error


def short(kind: type, suffix: str) -> str:
    """The name of a class without the suffix."""
    return kind.__name__.removesuffix(suffix)


def _hint(name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."


def _choices(hint: Any) -> tuple[Any, ...]:
    """The types that a value may be of; literals as they are."""
    return (hint,) if typing.get_origin(hint) is list else typing.get_args(hint) or (hint,)


def _typed(value: Any, hint: Any, where: str) -> Any:
    """The value as the type of a field.

    Raises:
        SettingsError: It is of another type.
    """
    choices = _choices(hint)
    if hint is Any:
        return value
    if float in choices and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if typing.get_origin(hint) is typing.Literal:
        fits = value in choices
    elif isinstance(value, list):
        fits = list[str] in choices and all(isinstance(each, str) for each in value)
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
        list[str]: "a list of texts",
    }
    shown = (
        names.get(each, repr(each)) for each in choices if each in names or isinstance(each, str)
    )
    return " or ".join(shown)
