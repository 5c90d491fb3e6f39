"""Recipes of `generate`: what is asked about a text, and what becomes of the answer; a YAML file each.

`{text}` in a prompt stands for the text, `{answer}` in `score_prompt` for the answer, any other name in braces for
a field of the recipe, which `--set NAME=VALUE` changes.
"""

import dataclasses
import difflib
import re
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from curator_engine.errors import SettingsError
from curator_engine.files.yaml_file import read_mapping

TIDYING = ("markdown", "opening", "quotes", "list", "pairs")
"""What may be done to answers; see `answers.py`."""
_FOLDER = Path(__file__).parent.parent / "recipes" / "generate"
_NAME = re.compile(r"\{([A-Za-z_]\w*)\}")
_OURS = ("text", "answer")


@dataclass(frozen=True, kw_only=True)
class PromptRecipe:
    """What is asked about each text.

    Example:
        >>> recipe = load_prompt_recipe("translate", ["target_lang=German"])
        >>> recipe.asked("Good morning.")
        'Translate the text below from English to German. ...'
    """

    name: str = ""
    """Of the recipe; the file's unless given."""
    output_field: str
    """Field for the answers."""
    prompt: str
    """The question, with {text}."""
    system: str = ""
    """What the model is told first."""
    fields: dict[str, str] = field(default_factory=dict[str, str])
    """What other names in braces stand for; an empty one must be given."""
    max_tokens: int = 1024
    """Tokens of an answer at most."""
    temperature: float = 0.0
    """0 for the most likely tokens."""
    segment_tokens: int = 0
    """Longer texts are asked about in parts of so many tokens at most, cut between lines; 0: always whole."""
    min_tokens: int = 0
    """Parts of fewer tokens are not asked about."""
    carry: bool = False
    """Whether lines without letters, code between fences and short parts stay as they are in the answer; else they are left out."""
    joined_by: str = "\n"
    """What stands between the answers about the parts of a text."""
    tidy: tuple[str, ...] = ()
    """What is done to each answer: markdown, opening, quotes, list, pairs."""
    openings: tuple[str, ...] = ()
    """With `opening`: a first line that begins so and ends with a colon is left out."""
    refusals: tuple[str, ...] = ()
    """An answer that begins so is none."""
    min_answer_tokens: int = 0
    """Documents with a shorter answer go."""
    score_prompt: str = ""
    """A second question about each part and its answer, whose reply is JSON with a number for each of `score_names`."""
    score_names: tuple[str, ...] = ()
    """What is scored."""
    min_score: float | None = None
    """Documents of which the mean of these is lower go."""

    def asked(self, text: str) -> str:
        """The question about a text."""
        return _filled(self.prompt, {**self.fields, "text": text})

    def asked_for_score(self, text: str, answer: str) -> str:
        """The question about a text and its answer."""
        return _filled(self.score_prompt, {**self.fields, "text": text, "answer": answer})

    @property
    def told(self) -> str:
        """What the model is told first."""
        return _filled(self.system, self.fields)

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together.
        """
        if "{text}" not in self.prompt:
            raise SettingsError(f"recipe {self.name}: the prompt has no {{text}}; put it in.")
        if unknown := set(self.tidy) - {*TIDYING}:
            raise SettingsError(
                f"recipe {self.name}: tidy {min(unknown)!r} is none of {', '.join(TIDYING)}."
            )
        for name in _names(self.prompt + self.system + self.score_prompt):
            if name not in (*_OURS, *self.fields):
                raise SettingsError(
                    f"recipe {self.name}: {{{name}}} is no field; add it to fields, or write it without braces."
                )
        if missing := [name for name, value in self.fields.items() if not value]:
            raise SettingsError(
                f"recipe {self.name} needs {missing[0]}; give it with --set {missing[0]}=VALUE."
            )
        if self.max_tokens < 1 or min(self.segment_tokens, self.min_tokens) < 0:
            raise SettingsError(
                f"recipe {self.name}: max_tokens must be 1 or more, segment_tokens and min_tokens 0 or more."
            )


def prompt_recipe_names() -> list[str]:
    """The recipes that come with the package."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def prompt_recipe_file(name: str) -> Path:
    """The file of a recipe that comes with the package."""
    return _FOLDER / f"{name}.yaml"


def load_prompt_recipe(name: str, changes: Sequence[str] = ()) -> PromptRecipe:
    """Read a recipe.

    Args:
        name: One of `prompt_recipe_names`, or the path of a YAML file.
        changes: Values of its fields or settings, as "target_lang=German" or "max_tokens=300".

    Raises:
        SettingsError: There is no such recipe or field, or a value is of the wrong type.
    """
    path = prompt_recipe_file(name)
    if "/" in name or not path.is_file():
        path = Path(name)
        if not path.is_file():
            raise SettingsError(
                f"no recipe {name!r}; give one of {', '.join(prompt_recipe_names())}, or a YAML file."
            )
    values: dict[str, Any] = {"name": path.stem, **_values(str(path))}
    for change in changes:
        _change(values, change, path.stem)
    missing = [key for key in ("output_field", "prompt") if not values.get(key)]
    if missing:
        raise SettingsError(f"{path} has no {missing[0]}; a recipe needs it.")
    recipe = PromptRecipe(**values)
    recipe.check()
    return recipe


def load_prompt_template(name: str) -> tuple[str, str]:
    """What a model is told first, and what it is asked, for `str.format` with source_lang, target_lang, src (and tgt for scores).

    Args:
        name: translate.yaml, or faith_eval.yaml for the scores of a translation; or the path of a recipe.

    Raises:
        SettingsError: There is no such recipe.
    """
    scores = Path(name).stem.startswith("faith")
    recipe = "translate" if scores or "/" not in name else name
    values = load_prompt_recipe(recipe, ["target_lang={target_lang}", "source_lang={source_lang}"])
    asked = values.score_prompt if scores else values.prompt
    parts = [_filled(each, {"text": "{src}", "answer": "{tgt}"}) for each in (values.system, asked)]
    return parts[0], parts[1]


def _values(path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, node in read_mapping(path):
        plain: Any = yaml.safe_load(yaml.serialize(node))
        found[key.value] = _typed(key.value, plain, f"{path}:{key.start_mark.line + 1}")
    return found


def _change(values: dict[str, Any], change: str, recipe: str) -> None:
    name, sign, value = change.partition("=")
    if not sign:
        raise SettingsError(f"--set {change!r} is not NAME=VALUE.")
    if name in values.get("fields", {}):
        values["fields"] = {**values["fields"], name: value}
        return
    kind = _KINDS.get(name)
    if kind is None:
        known = [*values.get("fields", {}), *_KINDS]
        raise SettingsError(f"--set {name}: recipe {recipe} has no such field{_close(name, known)}")
    values[name] = _typed(name, value if kind is str else yaml.safe_load(value), f"--set {change}")


def _typed(name: str, value: Any, where: str) -> Any:
    """A value as its field has it."""
    kind = _KINDS.get(name)
    if kind is None:
        raise SettingsError(f"{where}: {name} is no key of a recipe{_close(name, [*_KINDS])}")
    plain = typing.get_origin(kind) or kind
    if plain is tuple and isinstance(value, list):
        return tuple(str(each) for each in value)
    if plain is dict and isinstance(value, dict):
        return {str(key): "" if each is None else str(each) for key, each in value.items()}
    numbers = isinstance(value, int | float) and not isinstance(value, bool)
    if name in ("temperature", "min_score") and numbers:
        return float(value)
    if plain in (str, int, bool) and type(value) is plain:
        return value
    raise SettingsError(f"{where}: {name} {value!r} is not of its type.")


def _close(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}."


def _names(text: str) -> list[str]:
    return _NAME.findall(text)


def _filled(template: str, values: dict[str, str]) -> str:
    """The template with values for names; what stands in a value is not looked at again."""
    return _NAME.sub(lambda found: values.get(found[1], found[0]), template)


_KINDS: dict[str, Any] = {each.name: each.type for each in dataclasses.fields(PromptRecipe)}
