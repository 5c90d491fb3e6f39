"""What `curator-text list` shows besides steps: the recipes of `filter`, `clean` and `generate`."""

import json
from pathlib import Path
from typing import Any

import yaml

from curator_engine.commands.list_steps import Listed
from curator_text.filters import recipe as filtering
from curator_text.modifiers import recipe as cleaning
from curator_text.pipelines import clean
from curator_text.scoring import recipe_record
from curator_text.synthetic import prompt_recipe

_LONG = ("prompt", "system", "score_prompt", "openings", "refusals")


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
    prompts = {name: _prompt(name) for name in prompt_recipe.prompt_recipe_names()}
    return {"recipes": filters, "recipes of clean": modifiers, "recipes of generate": prompts}


def _prompt(name: str) -> Listed:
    """A recipe of `generate`: what it writes, and what else it sets."""
    path = prompt_recipe.prompt_recipe_file(name)
    values: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    shown = {key: value for key, value in values.items() if key not in _LONG}
    return Listed(help=_first_line(path), settings=shown)


def _listed(path: Path, described: list[dict[str, Any]], kind: str) -> Listed:
    rules = {
        each["name"]: f"{each[kind].removesuffix(kind.capitalize())} {json.dumps(each['settings'])}"
        for each in described
    }
    return Listed(help=_first_line(path), settings=rules)


def _first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
