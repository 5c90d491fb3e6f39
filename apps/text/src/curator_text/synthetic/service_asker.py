"""Texts to a translation service, each asked about once: by the journal, the limits and the budget of those that ask models.

Services want money for characters, so what counts as tokens elsewhere is characters here, of texts alone.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from curator_engine.errors import SettingsError
from curator_engine.models.answer_journal import Reply
from curator_engine.models.asker import Asker, Asking, Attempts
from curator_engine.models.token_budget import Usage
from curator_text.synthetic.prompt_recipe import PromptRecipe
from curator_text.synthetic.translation_backends import (
    TranslationBackend,
    check_codes,
    get_backend,
)

SERVICES = ("aws", "google", "nmt")
_LANGUAGES = ("source_lang", "target_lang")
_BATCH = {"nmt": 32}
"""Texts in one request, where a service takes several."""


@dataclass(frozen=True, kw_only=True)
class ServiceText:
    """A text that is to be translated."""

    text: str
    source: str
    """Code of its language."""
    target: str
    """Code of the other language."""

    def key(self, model: str) -> str:
        """A hash of it and of the service."""
        line = json.dumps([model, self.source, self.target, self.text])
        return hashlib.sha256(line.encode()).hexdigest()[:32]

    @property
    def most(self) -> Usage:
        """Its characters."""
        return Usage(tokens_in=len(self.text))


@dataclass(kw_only=True)
class ServiceAsker(Asker[ServiceText]):
    """Asks a service."""

    service: TranslationBackend

    def answers(self, questions: Sequence[ServiceText], watch: Attempts) -> list[Reply]:
        """The translation of each."""
        watch.before()
        languages = (questions[0].source, questions[0].target)
        found = self.service.translate_batch([each.text for each in questions], *languages)
        return [
            Reply(text=text, end="stop", usage=each.most)
            for text, each in zip(found, questions, strict=True)
        ]


def connected(asking: Asking) -> TranslationBackend:
    """The service that is named as the model; nothing is translated.

    Raises:
        ResourceError: A package is not installed.
        SettingsError: A key is missing.
    """
    config: dict[str, Any] = {"max_concurrent_requests": asking.concurrency}
    if asking.url:
        config["server_url" if asking.model == "nmt" else "base_url"] = asking.url
    service = get_backend(asking.model, config)
    service.setup()
    return service


def open_service(asking: Asking) -> ServiceAsker:
    """What asks the service that is named as the model, with the answers that are there already.

    Args:
        asking: The service, its address if it needs one, the journal, the limits and the budget.

    Raises:
        ResourceError: A package is not installed.
        SettingsError: A key is missing, or the journal would not be on this machine.
    """
    return asking.open(ServiceAsker, service=connected(asking))


def batch_of(service: str) -> int:
    """Texts in one request."""
    return _BATCH.get(service, 1)


def recipe_for_service(recipe: PromptRecipe) -> PromptRecipe:
    """The recipe, as far as a service can do it: its languages, which parts of a text are asked about, its field.

    Raises:
        SettingsError: It is no recipe of a translation, or a language is no code.
    """
    if missing := [name for name in _LANGUAGES if name not in recipe.fields]:
        raise SettingsError(
            f"recipe {recipe.name} has no {missing[0]}, so no service can do it; give --recipe translate."
        )
    check_codes(*(recipe.fields[name] for name in _LANGUAGES))
    return PromptRecipe(
        name=recipe.name,
        output_field=recipe.output_field,
        prompt="{text}",
        fields={name: recipe.fields[name] for name in _LANGUAGES},
        max_tokens=0,
        segment_tokens=recipe.segment_tokens,
        min_tokens=recipe.min_tokens,
        carry=recipe.carry,
        joined_by=recipe.joined_by,
    )


def text_for(text: str, recipe: PromptRecipe) -> ServiceText:
    """A text in the languages of a recipe."""
    source, target = (recipe.fields[name] for name in _LANGUAGES)
    return ServiceText(text=text, source=source, target=target)
