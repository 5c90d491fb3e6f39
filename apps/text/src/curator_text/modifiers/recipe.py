"""Recipes for cleaning: modifiers in order, read from a YAML file."""

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from curator_engine.task import ArrowArray
from curator_text.editing.edits import Editor, Edits, no_texts
from curator_text.modifiers import lines, pages, strings, unicode
from curator_text.modifiers.doc_modifier import DocumentModifier, as_texts
from curator_text.modifiers.modify import modified
from curator_text.read.rule_files import RuleBook, short

EMPTY_RULE = "empty"
"""By which a document goes that had no text before any rule."""
_SUFFIX = "Modifier"


@dataclass(frozen=True, kw_only=True)
class CleaningRecipe(Editor):
    """Modifiers in order; a document of which nothing but white space is left goes.

    Example:
        recipe = load_recipe("web", ["NoticeLines=off"])
        edits = recipe.edit(pa.array(texts, pa.large_string()))
    """

    name: str
    modifiers: tuple[DocumentModifier, ...]

    @property
    def names(self) -> list[str]:
        """The modifiers' names."""
        return [each.name for each in self.modifiers]

    def edit(self, texts: ArrowArray) -> Edits:
        """Apply each modifier to what the ones before it leave."""
        now: Any = texts.cast(pa.large_string())
        new: dict[int, str] = {}
        counts: dict[str, Any] = {}
        emptied: dict[int, str] = {}
        first: dict[int, int] = {}
        for modifier in self.modifiers:
            found = modified(modifier, now)
            if not len(found.changed):
                continue
            counts[modifier.name] = np.bincount(found.changed, minlength=len(now))
            for i, old, text in zip(found.changed.tolist(), found.before, found.texts, strict=True):
                first.setdefault(i, len(old))
                new[i] = text
                if not text.strip():
                    emptied.setdefault(i, modifier.name)
            now = _replaced(now, found.changed.tolist(), found.texts)
        blank = _blank(now)
        goes = {
            i: (emptied[i], f"nothing is left of {first[i]:,} characters")
            if i in emptied
            else (EMPTY_RULE, "there is no text")
            for i in blank
        }
        changed = np.array(sorted(new), np.int64)
        taken = now.take(pa.array(changed, pa.int64())) if len(changed) else no_texts()
        return Edits(changed=changed, texts=taken, counts=counts, goes=goes)

    def steps(self, text: str) -> list[tuple[str, str]]:
        """What each modifier makes of a text: its name and the text after it, where it changes it."""
        found: list[tuple[str, str]] = []
        for modifier in self.modifiers:
            after = modifier.modify_document(text)
            if after != text:
                found.append((modifier.name, after))
            text = after
        return found


def recipe_names() -> list[str]:
    """The recipes that come with the package."""
    return _BOOK.names()


def recipe_file(name: str) -> Path:
    """The file of a recipe that comes with the package."""
    return _BOOK.folder / f"{name}.yaml"


def load_recipe(name: str, changes: Sequence[str] = ()) -> CleaningRecipe:
    """Read a recipe.

    Args:
        name: One of `recipe_names`, or the path of a YAML file.
        changes: Such as "NoticeLines.max_words=20", or "NoticeLines=off" to leave a modifier out.

    Raises:
        SettingsError: There is no such recipe, modifier or field, or a value is of the wrong type.
    """
    return CleaningRecipe(name=name, modifiers=tuple(_BOOK.load(name, changes)))


def recipe_of(described: Sequence[dict[str, Any]]) -> CleaningRecipe:
    """The recipe that `run.json` describes: each modifier by class and settings."""
    made = [_BOOK.made(each["modifier"], each["settings"]) for each in described]
    return CleaningRecipe(name="", modifiers=tuple(made))


def modifier_classes() -> dict[str, type[DocumentModifier]]:
    """The modifiers that a recipe may name, without `Modifier` at the end."""
    found = {
        short(each, _SUFFIX): each
        for module in (unicode, lines, strings, pages)
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, DocumentModifier) and is_dataclass(each)
    }
    return dict(sorted(found.items()))


def _replaced(texts: Any, places: list[int], values: list[str]) -> Any:
    order = np.arange(len(texts))
    order[places] = len(texts) + np.arange(len(places))
    return pa.concat_arrays([texts, as_texts(values)]).take(pa.array(order, pa.int64()))


def _blank(texts: Any) -> list[int]:
    """The texts of nothing but white space."""
    import pyarrow.compute as pc

    trimmed: Any = pc.call_function("utf8_trim_whitespace", [texts])
    empty: Any = pc.equal(trimmed, pa.scalar("", trimmed.type))
    return np.flatnonzero(empty.to_numpy(zero_copy_only=False)).tolist()


_BOOK = RuleBook(
    folder=Path(__file__).parent.parent / "recipes" / "clean",
    word="modifier",
    suffix=_SUFFIX,
    classes=modifier_classes,
    example=("NoticeLines", "max_words", "20"),
)
