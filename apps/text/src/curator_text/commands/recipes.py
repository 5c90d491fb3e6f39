"""What `curator-text list` shows besides steps: the recipes of `filter` and `clean`, with their rules."""

import json
from pathlib import Path
from typing import Any

from curator_engine.commands.list_steps import Listed
from curator_text.filters import recipe as filtering
from curator_text.modifiers import recipe as cleaning
from curator_text.pipelines import clean
from curator_text.scoring import recipe_record


def listed() -> dict[str, dict[str, Listed]]:
    """The recipes that come with the package, by the title of their list."""
    filters = {
        name: _listed(
            filtering.recipe_file(name),
            recipe_record.describe(filtering.load_recipe(name)),
            "filter",
        )
        for name in filtering.recipe_names()
    }
    modifiers = {
        name: _listed(
            cleaning.recipe_file(name), clean.describe(cleaning.load_recipe(name)), "modifier"
        )
        for name in cleaning.recipe_names()
    }
    return {"recipes": filters, "recipes of clean": modifiers}


def _listed(path: Path, described: list[dict[str, Any]], kind: str) -> Listed:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    rules = {
        each["name"]: f"{each[kind].removesuffix(kind.capitalize())} {json.dumps(each['settings'])}"
        for each in described
    }
    return Listed(help=first.removeprefix("# "), settings=rules)
