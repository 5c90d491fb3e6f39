"""NeMo Curator's stage in which a model in this process cleans texts, or puts them into classes.

Questions are answered without chance, by vLLM where it is installed, else by transformers.
"""

import importlib.util
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.device import Device, has_gpu
from curator_engine.errors import SettingsError
from curator_engine.models.local_asker import Writer, open_writer
from curator_engine.models.questions import Question
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.read.columns import with_columns

_ANSWER_TOKENS = 2048
_SHARE = 0.8
"""Of what a model sees, for a text: the rest is for its answer."""
_compute: Any = pc


@positional(
    *("model", "system_prompt", "text_field", "output_field", "max_model_len", "classification"),
    *("temperature", "top_p", "top_k", "min_p", "max_tokens", "cache_dir", "n_tokens_field"),
)
@dataclass(kw_only=True)
class LLMCleanupStage(ProcessingStage[TableTask, TableTask]):
    r"""Ask a model about each text, and keep its answer in a column; null where there is none.

    Example:
        >>> LLMCleanupStage("microsoft/phi-4", "Give this text without menus:\n{text}")
    """

    model: str
    """Folder or hub id of a model that chats."""
    system_prompt: str
    """The question, with `{text}` where the text stands."""
    text_field: str = "text"
    """Column with the texts."""
    output_field: str = "cleaned_text"
    """Column for the answers."""
    max_model_len: int | None = None
    """Tokens that the model sees; needed where there is a column of `n_tokens_field`."""
    classification: bool = False
    """Put the answers into the column `label`, and leave out the texts."""
    temperature: float = 0.7
    """Accepted: answers are made without chance."""
    top_p: float = 0.8
    """Accepted."""
    top_k: int = 20
    """Accepted."""
    min_p: float = 0.0
    """Accepted."""
    max_tokens: int | None = None
    """Tokens of an answer at most; None for 2,048."""
    cache_dir: str | None = None
    """Only None: set HF_HOME."""
    n_tokens_field: str = "n_tokens"
    """Column with the tokens of each text: those that leave too little room for an answer are dropped."""
    backend: Literal["auto", "transformers", "vllm"] = "auto"
    """What runs the model; auto takes vLLM where it is installed."""
    device: Device = "auto"
    """Where transformers computes."""
    _writer: Writer | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.cache_dir is not None:
            raise SettingsError("cache_dir is not offered here; set HF_HOME in the environment.")
        if "{text}" not in self.system_prompt:
            raise SettingsError("system_prompt has no {text}; put it where the text is to stand.")
        if self.device == "gpu" or (self.device == "auto" and has_gpu()):
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The texts."""
        return ["data"], [self.text_field]

    def outputs(self) -> tuple[list[str], list[str]]:
        """The answers."""
        return ["data"], ["label" if self.classification else self.output_field]

    def num_workers(self) -> int | None:
        """One where it computes on the CPU: it takes all of them by itself."""
        return None if self.resources.requires_gpu else 1

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it cannot be read.
            ResourceError: What it needs is not installed, or there is no GPU.
        """
        there = importlib.util.find_spec("vllm") is not None
        auto = "vllm" if there else "transformers"
        backend = auto if self.backend == "auto" else self.backend
        self._writer = open_writer(self.model, backend, self.device)

    def teardown(self) -> None:
        """Let the model go."""
        self._writer = None

    def process(self, task: TableTask) -> TableTask | None:
        """Ask about the texts of a batch.

        Raises:
            SettingsError: There are counts of tokens, and no `max_model_len`.
        """
        table = self._that_fit(task.data)
        if not table.num_rows:
            return None
        texts: list[Any] = table.column(self.text_field).to_pylist()
        most = self.max_tokens or _ANSWER_TOKENS
        questions = [
            Question(prompt=self.system_prompt.replace("{text}", text or ""), max_tokens=most)
            for text in texts
        ]
        answers = self._writer.answer(questions) if self._writer is not None else []
        self.log_metric("unanswered", float(sum(bool(each.error) for each in answers)))
        said: Any = pa.array([None if each.error else each.text for each in answers], pa.string())
        if self.classification:
            table = table.drop_columns([self.text_field])
        task.data = with_columns(table, {self.outputs()[1][0]: said})
        return task

    def _that_fit(self, table: pa.Table) -> pa.Table:
        """The rows whose texts leave room for an answer, without the count of tokens."""
        if self.n_tokens_field not in table.column_names:
            return table
        if self.max_model_len is None:
            raise SettingsError(
                f"max_model_len is needed where there is a column {self.n_tokens_field}; give it."
            )
        most = int(_SHARE * self.max_model_len)
        kept = table.filter(_compute.less(table.column(self.n_tokens_field), most))
        if gone := table.num_rows - kept.num_rows:
            self.count_drops({"too long for the model": gone})
        return kept.drop_columns([self.n_tokens_field])
