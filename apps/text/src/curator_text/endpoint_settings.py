"""Settings of the text jobs that ask an endpoint, within limits and a budget."""

from dataclasses import dataclass
from typing import Annotated, Any

from curator_engine.commands.settings import Group, Kind
from curator_engine.errors import SettingsError
from curator_text.settings import RemovalSettings


@dataclass(frozen=True, kw_only=True)
class EndpointSettings(RemovalSettings):
    """What every job takes that asks an OpenAI-compatible endpoint."""

    endpoint: Annotated[str | None, Group.MODELS] = None
    """URL of an OpenAI-compatible endpoint, such as http://localhost:8000/v1."""
    model: Annotated[str | None, Group.MODELS] = None
    """Name of the model at the endpoint; the only one that it lists unless given. Without an endpoint, a model's folder or hub id."""
    api_key_env: Annotated[str, Group.MODELS] = "CURATOR_API_KEY"
    """Environment variable with the endpoint's key; the key is written nowhere."""
    concurrency: Annotated[int, Group.RUNNING] = 8
    """Requests that are under way at a time."""
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
    """US dollars that may be spent; needs the prices."""
    usd_in: Annotated[float, Group.LIMITS] = 0.0
    """Price of a million tokens of questions, in US dollars."""
    journal: Annotated[str | None, Group.FILES, Kind.FOLDER] = None
    """Local folder that keeps every answer beyond the run, so that no later run with the same question pays for it again; in the cache unless given."""

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        self.check_least(1, "concurrency", "requests_per_minute", "tokens_per_minute")
        self.check_least(0, "retries", "budget_tokens", "budget_usd", "usd_in")
        if self.timeout <= 0:
            raise SettingsError(f"--timeout {self.timeout} is not above 0.")

    @property
    def limits(self) -> dict[str, Any]:
        """How `Asking` calls what an asker keeps to."""
        names = ("api_key_env", "concurrency", "retries", "requests_per_minute", "usd_in")
        names += ("tokens_per_minute", "budget_tokens", "budget_usd")
        return {name: getattr(self, name) for name in names} | {"timeout_s": self.timeout}


HOW_IT_ASKS = (
    *("concurrency", "timeout", "retries", "requests_per_minute", "tokens_per_minute"),
    *("budget_tokens", "budget_usd", "usd_in", "journal", "api_key_env"),
)
"""Settings that the answers do not depend on."""
