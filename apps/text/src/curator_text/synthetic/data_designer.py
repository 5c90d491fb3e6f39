"""NeMo Curator's stages on NeMo Data Designer: its configurations run there, single prompts on our own client.

A prompt with `model_configs` and `model_providers` needs no package of that name: they may be its objects, or dicts of
the same keys. `config_builder` and `data_designer_config_file` are Data Designer's own, and need it.
"""

import importlib
import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from curator_engine.errors import ResourceError, SettingsError
from curator_engine.models.llm_client import (
    AsyncLLMClient,
    AsyncOpenAIClient,
    Connection,
    GenerationConfig,
)
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.synthetic.generate import BaseSyntheticStage, with_column
from curator_text.synthetic.nemotron_cc import (
    DISTILL_PROMPT_TEMPLATE,
    DIVERSE_QA_PROMPT_TEMPLATE,
    EXTRACT_KNOWLEDGE_PROMPT_TEMPLATE,
    KNOWLEDGE_LIST_PROMPT_TEMPLATE,
    NEMOTRON_CC_DISTILL_SYSTEM_PROMPT,
    NEMOTRON_CC_SYSTEM_PROMPT,
    WIKIPEDIA_REPHRASING_PROMPT_TEMPLATE,
)

_PROMPT = "_ndd_formatted_prompt"
"""Column with the prompts, for a configuration that names it."""
_KNOWN = {
    "nvidia": ("https://integrate.api.nvidia.com/v1", "NVIDIA_API_KEY"),
    "openai": ("https://api.openai.com/v1", "OPENAI_API_KEY"),
    "openrouter": ("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
}
"""Providers that Data Designer knows by name."""
_PARALLEL, _TIMEOUT_S, _RETRIES = 4, 120, 3


@positional("config_builder", "data_designer_config_file", "model_providers", "verbose")
@dataclass(kw_only=True)
class DataDesignerStage(ProcessingStage[TableTask, TableTask]):
    """Give NeMo Data Designer the rows of a batch as seeds, and go on with the rows that it makes.

    Needs the package data-designer. It may make fewer rows than it got: `num_input_records` and `num_output_records`
    in the run's metrics say so. We have not run it with that package.

    Example:
        >>> DataDesignerStage(data_designer_config_file="medical-notes.yaml")
    """

    config_builder: Any = field(default=None, repr=False)
    """A `DataDesignerConfigBuilder`."""
    data_designer_config_file: str | None = None
    """Its configuration as a file, instead."""
    model_providers: Sequence[Any] | None = field(default=None, repr=False)
    """Where models are; None for Data Designer's own."""
    verbose: bool = False
    """Let it write its log."""
    _designer: Any = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if (self.config_builder is None) == (self.data_designer_config_file is None):
            raise SettingsError(
                "Data Designer needs either config_builder or data_designer_config_file, not both."
            )

    def inputs(self) -> tuple[list[str], list[str]]:
        """Whatever the configuration uses."""
        return ["data"], []

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Make Data Designer.

        Raises:
            ResourceError: It is not installed.
        """
        given = {} if self.model_providers is None else {"model_providers": self.model_providers}
        self._designer = _package("data_designer.interface").DataDesigner(**given)

    def teardown(self) -> None:
        """Let it go."""
        self._designer = None

    def process(self, task: TableTask) -> TableTask:
        """Make rows of a batch."""
        config = _package("data_designer.config")
        builder = self.config_builder
        if builder is None:
            builder = config.DataDesignerConfigBuilder.from_config(self.data_designer_config_file)
        builder.with_seed_dataset(config.DataFrameSeedSource(df=task.data.to_pandas()))
        log = logging.getLogger("data_designer")
        level = log.level
        log.setLevel(level if self.verbose else logging.WARNING)
        try:
            found = self._designer.preview(builder, num_records=task.num_items)
        finally:
            log.setLevel(level)
        made = pa.Table.from_pandas(found.dataset, preserve_index=False)
        self.log_metric("num_input_records", float(task.num_items))
        self.log_metric("num_output_records", float(made.num_rows))
        task.data = made
        return task


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ResourceError(
            "a configuration of NeMo Data Designer needs the package data-designer; install it, or give "
            "prompt, model_configs and model_providers."
        ) from error


_BASE = ("system_prompt", "prompt", "input_field", "output_field")
_NDD = (
    *("model_alias", "model_configs", "config_builder", "data_designer_config_file"),
    *("model_providers", "verbose"),
)


@positional(*_BASE, *_NDD)
@dataclass(kw_only=True)
class NDDBaseSyntheticStage(BaseSyntheticStage):
    """Ask a model about each document, as `BaseSyntheticStage`; the model is named as Data Designer has it.

    Example:
        >>> NDDBaseSyntheticStage(
        ...     prompt="Summarise: {document}",
        ...     input_field="text",
        ...     output_field="summary",
        ...     model_configs=[{"alias": "small", "model": "org/small", "provider": "mine"}],
        ...     model_providers=[{"name": "mine", "endpoint": "http://localhost:8000/v1"}],
        ... )
    """

    model_alias: str | None = None
    """Which of the models is asked; None if there is one."""
    model_configs: Sequence[Any] | None = field(default=None, repr=False)
    """Models: `alias`, `model`, `provider`, and `inference_parameters` (temperature, top_p, max_tokens, timeout, max_parallel_requests, extra_body)."""
    config_builder: Any = field(default=None, repr=False)
    """A configuration of Data Designer, which then runs it."""
    data_designer_config_file: str | None = None
    """The same as a file."""
    model_providers: Sequence[Any] | None = field(default=None, repr=False)
    """Where models are: `name`, `endpoint` of OpenAI's kind, `api_key` (the name of an environment variable, or the key)."""
    verbose: bool = False
    """Of Data Designer."""
    _stage: DataDesignerStage | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.config_builder is not None or self.data_designer_config_file is not None:
            self._stage = DataDesignerStage(
                config_builder=self.config_builder,
                data_designer_config_file=self.data_designer_config_file,
                model_providers=self.model_providers,
                verbose=self.verbose,
            )
            return
        chosen = _chosen(self.model_configs or (), self.model_alias)
        self.model_name = str(_of(chosen, "model"))
        parameters = _of(chosen, "inference_parameters")
        provider = _provider(_of(chosen, "provider"), self.model_providers or ())
        self.generation_config = _generation(parameters, provider)
        self.client = _client(parameters, provider)
        super().__post_init__()

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.input_field] if self.input_field else []

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Connect."""
        if self._stage is not None:
            self._stage.setup(worker_metadata)
        super().setup(worker_metadata)

    def process(self, task: TableTask) -> TableTask:
        """Ask about the documents of a batch.

        Raises:
            EndpointError: A question was not answered.
        """
        if self._stage is None:
            return super().process(task)
        if self.prompt and self.input_field:
            rows: list[dict[str, Any]] = task.data.to_pylist()
            prompts = [self._process_llm_prompt(row) for row in rows]
            task.data = with_column(task.data, _PROMPT, prompts)
        task = self._stage.process(task)
        names = task.data.column_names
        if self.output_field in names:
            answers: list[Any] = task.data.column(self.output_field).to_pylist()
            kept = [
                None if each is None else self._process_llm_response([each]) for each in answers
            ]
            task.data = with_column(task.data, self.output_field, kept)
        if _PROMPT in names:
            task.data = task.data.drop_columns([_PROMPT])
        return task


def _of(entry: Any, name: str) -> Any:
    """What an object or a dict of settings has by a name; None where it has nothing."""
    return entry.get(name) if isinstance(entry, Mapping) else getattr(entry, name, None)


def _chosen(models: Sequence[Any], alias: str | None) -> Any:
    found = [each for each in models if alias is None or _of(each, "alias") == alias]
    if len(found) == 1:
        return found[0]
    known = ", ".join(str(_of(each, "alias")) for each in models) or "none"
    raise SettingsError(
        f"model_configs must have one model of the alias that is asked for; there are {known}."
    )


def _provider(name: str | None, providers: Sequence[Any]) -> Any:
    found = [each for each in providers if name is None or _of(each, "name") == name]
    if len(found) != 1 and not (not found and name in _KNOWN):
        known = ", ".join([*(str(_of(each, "name")) for each in providers), *_KNOWN])
        raise SettingsError(f"no provider {name!r} among model_providers; there are {known}.")
    if not found:
        endpoint, key = _KNOWN[str(name)]
        return {"name": name, "endpoint": endpoint, "api_key": key}
    if (_of(found[0], "provider_type") or "openai") != "openai" or not _of(found[0], "endpoint"):
        raise SettingsError(f"the provider {name!r} has no endpoint of OpenAI's kind.")
    return found[0]


def _generation(parameters: Any, provider: Any) -> GenerationConfig:
    numbers = {name: _of(parameters, name) for name in ("temperature", "top_p", "max_tokens")}
    for name, value in numbers.items():
        if not isinstance(value, int | float | None):
            raise SettingsError(f"{name} is no number; a distribution of it is not offered here.")
    extra = {**(_of(parameters, "extra_body") or {}), **(_of(provider, "extra_body") or {})}
    return GenerationConfig(**numbers, seed=None, n=None, extra_kwargs=extra or None)


def _client(parameters: Any, provider: Any) -> AsyncOpenAIClient:
    given: dict[str, Any] = {
        "base_url": str(_of(provider, "endpoint")),
        "timeout": _of(parameters, "timeout") or _TIMEOUT_S,
    }
    key = str(_of(provider, "api_key") or "")
    is_name = key in os.environ or (key.isupper() and key.isidentifier())
    if key and not is_name:
        given["api_key"] = key
    return _ProviderClient(
        given,
        key_from=key if is_name else "",
        headers=_of(provider, "extra_headers") or {},
        parallel=int(_of(parameters, "max_parallel_requests") or _PARALLEL),
    )


class _ProviderClient(AsyncOpenAIClient):
    """Asks a provider's endpoint, with the key of that provider and no other."""

    def __init__(
        self,
        given: Mapping[str, Any],
        *,
        key_from: str,
        headers: Mapping[str, str],
        parallel: int,
    ) -> None:
        AsyncLLMClient.__init__(self, parallel)
        self._connect = Connection(
            given, retries=_RETRIES, backoff_s=1.0, key_from=key_from, headers=headers
        )


@positional(*_NDD, *_BASE)
@dataclass(kw_only=True)
class NDDWikipediaParaphrasingStage(NDDBaseSyntheticStage):
    """Write each text again as an encyclopedia would have it."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = WIKIPEDIA_REPHRASING_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "rephrased"


@positional(*_NDD, *_BASE)
@dataclass(kw_only=True)
class NDDDiverseQAStage(NDDBaseSyntheticStage):
    """Ask for questions with answers; `DiverseQAPostProcessingStage` puts some of them after each text."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = DIVERSE_QA_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "diverse_qa"


@positional(*_NDD, *_BASE)
@dataclass(kw_only=True)
class NDDDistillStage(NDDBaseSyntheticStage):
    """Write each text again, shorter."""

    system_prompt: str | None = NEMOTRON_CC_DISTILL_SYSTEM_PROMPT
    prompt: str | None = DISTILL_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "distill"


@positional(*_NDD, *_BASE)
@dataclass(kw_only=True)
class NDDExtractKnowledgeStage(NDDBaseSyntheticStage):
    """Write what one can learn from each text."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = EXTRACT_KNOWLEDGE_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "extract_knowledge"


@positional(*_NDD, *_BASE)
@dataclass(kw_only=True)
class NDDKnowledgeListStage(NDDBaseSyntheticStage):
    """List the facts of each text; `KnowledgeListPostProcessingStage` takes the dashes out."""

    system_prompt: str | None = NEMOTRON_CC_SYSTEM_PROMPT
    prompt: str | None = KNOWLEDGE_LIST_PROMPT_TEMPLATE
    input_field: str | None = "text"
    output_field: str | None = "knowledge_list"
