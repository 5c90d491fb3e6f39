"""Texts inside of nested values, by paths such as `messages.*.content`, where `*` stands for each item of a list.

A nested value may be lists and dicts, or JSON of them in a text.
"""

import copy
import json
import operator
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any


def is_wildcard_path(path: str) -> bool:
    """Whether a path stands for several texts."""
    return "*" in path


def is_nested(path: str) -> bool:
    """Whether a path leads into a column."""
    return "." in path


def normalize_text_field(text_field: str | list[str]) -> list[str]:
    """The paths of one or several fields."""
    return [text_field] if isinstance(text_field, str) else list(text_field)


def parse_structured_value(value: Any) -> Any:
    """A value as lists and dicts, also from JSON; None if it is something else."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict | list) else None


def extract_nested_fields(record: Mapping[str, Any], path: str) -> list[str]:
    """The texts that a path leads to, in order; what is no text, or not there, is passed over."""
    return [text for text, _ in _places(record, path.split("."))]


def set_nested_fields(
    record: Mapping[str, Any], path: str, values: list[str | None]
) -> dict[str, Any]:
    """A copy of the record with other texts where a path leads to.

    Args:
        record: Nested lists and dicts.
        path: As of `extract_nested_fields`, which found the texts.
        values: One for each of them; None leaves a text as it is, and so does one that is missing.
    """
    made = copy.deepcopy(dict(record))
    for (_, put), value in zip(_places(made, path.split(".")), values, strict=False):
        if value is not None:
            put(value)
    return made


def _places(value: Any, keys: list[str]) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Each text that the keys lead to, and what puts another in its place."""
    key, rest = keys[0], keys[1:]
    if key == "*":
        inside: list[Any] = [*range(len(value))] if isinstance(value, list) else []
    else:
        inside = [key] if isinstance(value, Mapping) and key in value else []
    for each in inside:
        if rest:
            yield from _places(value[each], rest)
        elif isinstance(value[each], str):
            container: Any = value
            yield container[each], partial(operator.setitem, container, each)
