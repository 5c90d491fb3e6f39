"""Settings of `curator-text generate`."""

import re
from dataclasses import dataclass, field
from typing import Annotated

from curator_engine.commands.settings import Group, Kind
from curator_engine.errors import SettingsError
from curator_text.settings import RemovalSettings


@dataclass(frozen=True, kw_only=True)
class GenerateSettings(RemovalSettings):
    """Settings of `curator-text generate`."""

    why_whole = ""
    recipe: Annotated[str, Kind.NAME] = "paraphrase"
    """What is asked: paraphrase, diverse-qa, distill, extract-knowledge, knowledge-list, translate, clean-math, or a YAML file of your own."""
    set: list[str] = field(default_factory=list[str])
    """A field or setting of the recipe, as target_lang=German or max_tokens=300; may be given several times."""
    output_field: Annotated[str | None, Group.FILES] = None
    """Field for the answers; the recipe's unless given. One that is there, such as the text itself, is replaced."""
    endpoint: Annotated[str | None, Group.MODELS] = None
    """URL of an OpenAI-compatible endpoint, such as http://localhost:8000/v1."""
    model: Annotated[str | None, Group.MODELS] = None
    """Name of the model at the endpoint; the only one that it lists unless given."""
    api_key_env: Annotated[str, Group.MODELS] = "CURATOR_API_KEY"
    """Environment variable with the endpoint's key; the key is written nowhere."""
    concurrency: Annotated[int, Group.RUNNING] = 8
    """Questions that are under way at a time."""
    timeout: Annotated[float, Group.LIMITS] = 120.0
    """Seconds for one answer."""
    retries: Annotated[int, Group.LIMITS] = 4
    """Further attempts where the endpoint is busy, fails or does not answer."""
    requests_per_minute: Annotated[int | None, Group.LIMITS] = None
    """Requests that the endpoint gets per minute at most."""
    tokens_per_minute: Annotated[int | None, Group.LIMITS] = None
    """Tokens per minute at most, of questions and of the longest answers to them."""
    budget_tokens: Annotated[int | None, Group.LIMITS] = None
    """Tokens of questions and answers that may be spent; a run that would need more stops, and --resume goes on with a larger budget."""
    budget_usd: Annotated[float | None, Group.LIMITS] = None
    """US dollars that may be spent; needs --usd-in and --usd-out."""
    usd_in: Annotated[float, Group.LIMITS] = 0.0
    """Price of a million tokens of questions, in US dollars."""
    usd_out: Annotated[float, Group.LIMITS] = 0.0
    """Price of a million tokens of answers, in US dollars."""
    journal: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Local folder that keeps every answer beyond the run, so that no later run with the same question pays for it again; in the cache unless given."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.inputs and self.endpoint is None:
            raise SettingsError("no model to ask; give the URL of an endpoint by --endpoint.")
        if self.budget_usd is not None and not (self.usd_in or self.usd_out):
            raise SettingsError("--budget-usd needs the prices; give --usd-in and --usd-out.")
        least = {
            **dict.fromkeys(("concurrency", "requests_per_minute", "tokens_per_minute"), 1),
            **dict.fromkeys(("retries", "budget_tokens", "budget_usd", "usd_in", "usd_out"), 0),
        }
        for name, bound in least.items():
            value = getattr(self, name)
            if value is not None and value < bound:
                raise SettingsError(f"--{name.replace('_', '-')} {value} is below {bound}.")
        if self.timeout <= 0:
            raise SettingsError(f"--timeout {self.timeout} is not above 0.")
        name = self.output_field
        if name is not None and not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            raise SettingsError(
                f"--output-field {name!r} is no name of letters, digits, _, . and -."
            )
        if name is not None and name == self.id_field:
            raise SettingsError(f"--output-field {name} would replace the ids; choose another.")
