"""What becomes of a model's answer: marks, openings and refusals are taken out, lists and pairs are put in order."""

import json
import re
from collections.abc import Callable, Sequence

from curator_engine.models.questions import without_thinking
from curator_text.modifiers.strings import MarkdownRemover, QuotationRemover
from curator_text.synthetic.nemotron_cc import QA_PREFIX, tidy_list, with_pairs
from curator_text.synthetic.prompt_recipe import PromptRecipe

_MOST_PAIRS = 10
_OBJECT = re.compile(r"\{[^{}]*\}", re.DOTALL)


def tidied(answer: str, about: str, recipe: PromptRecipe) -> str:
    """What is kept of an answer; nothing if it is a refusal.

    Args:
        answer: What the model wrote.
        about: The text that it was asked about.
        recipe: Says what is done.
    """
    text = without_thinking(answer)
    if _begins(text, recipe.refusals):
        return ""
    for name in recipe.tidy:
        text = _STEPS[name](text, about, recipe).strip()
    return text


def score_in(reply: str, names: Sequence[str]) -> float | None:
    """The mean of the numbers in a model's JSON; None if one of them is missing.

    Args:
        reply: What the model wrote, with an object somewhere in it.
        names: Its keys; case, and _ or a space, do not count.
    """
    found = scores_in(reply, names)
    return sum(found.values()) / len(found) if found else None


def scores_in(reply: str, names: Sequence[str]) -> dict[str, float] | None:
    """The numbers in a model's JSON by their names; None if one of them is missing. Arguments as of `score_in`."""
    found = _OBJECT.search(without_thinking(reply))
    try:
        given = json.loads(found[0]) if found else {}
    except ValueError:
        return None
    plain = {_plain(str(key)): value for key, value in given.items()}
    values = {name: plain.get(_plain(name)) for name in names}
    numbers = {
        name: float(each)
        for name, each in values.items()
        if isinstance(each, int | float) and not isinstance(each, bool)
    }
    return numbers if len(numbers) == len(values) else None


def _plain(name: str) -> str:
    return name.lower().replace("_", " ")


def _begins(text: str, beginnings: Sequence[str]) -> bool:
    return text.lower().startswith(tuple(each.lower() for each in beginnings))


def _without_opening(text: str, about: str, recipe: PromptRecipe) -> str:
    first, _, rest = text.partition("\n")
    is_opening = first.rstrip(" *").endswith(":") and _begins(first.lstrip(" *"), recipe.openings)
    return rest if is_opening else text


def _pairs(text: str, about: str, recipe: PromptRecipe) -> str:
    return with_pairs(about, text, prefix=QA_PREFIX, tokenizer=None, most=_MOST_PAIRS)


_STEPS: dict[str, Callable[[str, str, PromptRecipe], str]] = {
    "markdown": lambda text, about, recipe: MarkdownRemover().modify_document(text),
    "opening": _without_opening,
    "quotes": lambda text, about, recipe: QuotationRemover().modify_document(text),
    "list": lambda text, about, recipe: tidy_list(text),
    "pairs": _pairs,
}
