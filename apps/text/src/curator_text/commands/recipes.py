"""What `curator-text list` shows besides steps: the recipes of `filter`, with their rules."""

import json

from curator_engine.commands.list_steps import Listed
from curator_text.filters.recipe import load_recipe, recipe_file, recipe_names
from curator_text.scoring.recipe_record import describe


def listed() -> dict[str, dict[str, Listed]]:
    """The recipes that come with the package, by the title of their list."""
    return {"recipes": {name: _recipe(name) for name in recipe_names()}}


def _recipe(name: str) -> Listed:
    first = recipe_file(name).read_text(encoding="utf-8").partition("\n")[0]
    rules = {
        each["name"]: f"{each['filter'].removesuffix('Filter')} {json.dumps(each['settings'])}"
        for each in describe(load_recipe(name))
    }
    return Listed(help=first.removeprefix("# "), settings=rules)
