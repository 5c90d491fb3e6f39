"""Cleaning: change texts by the modifiers of a recipe."""

import json
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any

from curator_engine.task import short_hash
from curator_text.modifiers.recipe import CleaningRecipe, load_recipe
from curator_text.pipelines.edit_workflow import EditWorkflow
from curator_text.settings import CleanSettings


@dataclass(kw_only=True)
class CleanWorkflow(EditWorkflow[CleanSettings]):
    """Change texts by the modifiers of a recipe, and remove documents of which nothing is left.

    A document without text (null) is no document here: it stays, and is counted as `no_text`.

    Example:
        >>> settings = CleanSettings(inputs=["corpus"], output="cleaned", set=["NoticeLines=off"])
        >>> CleanWorkflow(settings=settings).run()
    """

    own_recipe: CleaningRecipe | None = None
    """Modifiers of your own, instead of the recipe that the settings name."""
    job, title = "clean", "clean"
    unrecorded = frozenset({"own_recipe"})

    @cached_property
    def editor(self) -> CleaningRecipe:
        """The recipe with the changes of the settings."""
        return self.own_recipe or load_recipe(self.settings.recipe, self.settings.set)

    @property
    def editor_key(self) -> str:
        """A hash of the recipe, whose file may change."""
        return short_hash(repr(describe(self.editor)))

    def about(self) -> dict[str, Any]:
        """The modifiers with their settings."""
        return {"modifiers": describe(self.editor)}


def describe(recipe: CleaningRecipe) -> list[dict[str, Any]]:
    """Each modifier as plain values: `name`, `modifier` (its class) and `settings`."""
    return [
        {"name": each.name, "modifier": type(each).__name__, "settings": _settings(each)}
        for each in recipe.modifiers
    ]


def _settings(modifier: Any) -> dict[str, Any]:
    """The fields that are not as the class has them, as JSON."""
    given: dict[str, Any] = {}
    for each in fields(modifier) if is_dataclass(modifier) else ():
        value = getattr(modifier, each.name)
        made = each.default_factory() if callable(each.default_factory) else each.default
        if value != made:
            given[each.name] = value
    return json.loads(json.dumps(given, default=str))
