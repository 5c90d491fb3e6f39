"""Settings of `curator-text generate`."""

import re
from dataclasses import dataclass, field
from typing import Annotated, Literal

from curator_engine.commands.settings import Group, Kind
from curator_engine.errors import SettingsError
from curator_text.endpoint_settings import EndpointSettings


@dataclass(frozen=True, kw_only=True)
class GenerateSettings(EndpointSettings):
    """Settings of `curator-text generate`."""

    why_whole = ""
    recipe: Annotated[str, Kind.NAME] = "paraphrase"
    """What is asked: paraphrase, diverse-qa, distill, extract-knowledge, knowledge-list, translate, clean-math, or a YAML file of your own."""
    set: list[str] = field(default_factory=list[str])
    """A field or setting of the recipe, as target_lang=German or max_tokens=300; may be given several times."""
    output_field: Annotated[str | None, Group.FILES] = None
    """Field for the answers; the recipe's unless given. One that is there, such as the text itself, is replaced."""
    usd_out: Annotated[float, Group.LIMITS] = 0.0
    """Price of a million tokens of answers, in US dollars."""
    backend: Annotated[Literal["transformers", "vllm", "aws", "google", "nmt"], Group.MODELS] = (
        "transformers"
    )
    """What runs the folder or hub id --model in this process where there is no --endpoint; or a service that translates (--recipe translate): Amazon Translate, Google's, or a server at --endpoint (nmt). Of a service, tokens are characters of texts."""
    device: Annotated[Literal["auto", "cpu", "gpu"], Group.RUNNING] = "auto"
    """Where a model in this process computes; auto takes a GPU where there is one."""
    where: str | None = None
    """Drop also what does not meet a condition on what is said of an answer, as "score >= 3.5"; of score, questions, tokens_in, tokens_out, end."""
    source_field: str | None = None
    """Count losses by the value of this field, such as the site, instead of by file."""

    @property
    def is_service(self) -> bool:
        """Whether a service translates."""
        return self.backend in ("aws", "google", "nmt")

    def _check_service(self) -> None:
        if self.model is not None:
            raise SettingsError(f"--backend {self.backend} takes no --model.")
        if self.inputs and self.backend == "nmt" and self.endpoint is None:
            raise SettingsError("--backend nmt needs the URL of its server; give it by --endpoint.")
        if self.backend == "aws" and self.endpoint is not None:
            raise SettingsError(
                "--backend aws takes no --endpoint; set AWS_ENDPOINT_URL_TRANSLATE for another address."
            )

    def check(self) -> None:
        """Look at the values together.

        Raises:
            SettingsError: They do not fit together, or one is out of range.
        """
        super().check()
        if self.is_service:
            self._check_service()
        elif self.inputs and self.endpoint is None and self.model is None:
            raise SettingsError(
                "no model to ask; give the URL of an endpoint by --endpoint, or the folder of a model by --model."
            )
        if self.budget_usd is not None and not (self.usd_in or self.usd_out):
            raise SettingsError("--budget-usd needs the prices; give --usd-in and --usd-out.")
        self.check_least(0, "usd_out")
        name = self.output_field
        if name is not None and not re.fullmatch(r"[A-Za-z_][\w.-]*", name):
            raise SettingsError(
                f"--output-field {name!r} is no name of letters, digits, _, . and -."
            )
        if name is not None and name == self.id_field:
            raise SettingsError(f"--output-field {name} would replace the ids; choose another.")
