"""What a run keeps of its recipe, so that a later one can tell whether the scores are still its own."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

from curator_text.filters.recipe import Recipe


def describe(recipe: Recipe) -> list[dict[str, Any]]:
    """Each filter as plain values: `name`, `filter` (its class), `settings`, and the bounds `least` and `most`."""
    return [_describe(each) for each in recipe.filters]


def _describe(rule: Any) -> dict[str, Any]:
    least, most = rule.bounds() if hasattr(rule, "bounds") else (None, None)
    return {
        "name": rule.name,
        "filter": type(rule).__qualname__,
        "settings": settings_of(rule),
        "least": least,
        "most": most,
    }


def settings_of(rule: Any) -> dict[str, Any]:
    """The settings of a filter as JSON has them."""
    names = [f.name for f in fields(rule)] if is_dataclass(rule) else sorted(vars(rule))
    given = {name: getattr(rule, name) for name in names if not name.startswith("_")}
    return json.loads(json.dumps(given, default=_plain))


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
