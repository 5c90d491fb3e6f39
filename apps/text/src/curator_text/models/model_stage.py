"""The base of stages that run a network over tokens, ours and those of users; NeMo Curator's parameters.

Nothing heavy is imported here. Tokens are lists of ids in a column, as `TokenizerStage` makes them, without what would
fill up a batch. Rows stay in their order: a batch that a model computes is of texts of like lengths.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc

from curator_engine.device import Device, has_gpu
from curator_engine.positional import positional
from curator_engine.resources import Resources, WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_engine.task import TableTask
from curator_text.read.columns import with_columns

INPUT_ID_FIELD = "input_ids"
"""Column of the tokens."""
ATTENTION_MASK_FIELD = "attention_mask"
"""Column with 1 for each token and 0 for what fills up, if there is one."""
SEQ_ORDER_FIELD = "_curator_seq_order"
"""Column of the places that rows had before they were sorted."""
TOKEN_LENGTH_FIELD = "_curator_token_length"
"""NeMo Curator's name of a column that never leaves its stage."""


def format_name_with_suffix(model_identifier: str, suffix: str = "_classifier") -> str:
    """The name of a stage after the last part of its model's id: `nvidia/domain-classifier` is `domain_classifier` and the suffix."""
    return model_identifier.rsplit("/", maxsplit=1)[-1].replace("-", "_").lower() + suffix


@positional(
    *("model_identifier", "cache_dir", "hf_token", "model_inference_batch_size", "has_seq_order"),
    *("padding_side", "max_seq_length", "unpack_inference_batch", "autocast"),
)
@dataclass(kw_only=True)
class ModelStage(ProcessingStage[TableTask, TableTask]):
    """Run a network over the tokens of each text.

    A stage of one's own writes `_setup`, which sets `self.model`, `process_model_output`, `create_output_dataframe`
    and `outputs`. It may also write `collect_outputs`.

    Example:
        >>> class Lengths(ModelStage):
        ...     def _setup(self, local_files_only=True):
        ...         self.model = AutoModel.from_pretrained(self.model_identifier)
        ...
        ...     def outputs(self):
        ...         return ["data"], ["norm"]
        ...
        ...     def process_model_output(self, outputs, model_input_batch=None):
        ...         return {"norm": outputs[0][:, 0].norm(dim=-1).cpu().numpy()}
        ...
        ...     def create_output_dataframe(self, df_cpu, collected_output):
        ...         return df_cpu.assign(norm=collected_output["norm"])
        >>> Lengths("my/model", unpack_inference_batch=True)
    """

    model_identifier: str
    """Folder or hub id of the model."""
    cache_dir: str | None = None
    """Folder of what was downloaded; None for that of HF_HOME."""
    hf_token: str | None = field(default=None, repr=False)
    """Of the hub, for models that need one; None for that of HF_TOKEN."""
    model_inference_batch_size: int = 256
    """Texts at a time; fewer where a GPU's memory is too small."""
    has_seq_order: bool = True
    """If rows were sorted by `SortByLengthStage`, put them back into their order."""
    padding_side: Literal["left", "right"] = "right"
    """Where texts are filled up, and which end `max_seq_length` keeps whole: the other one."""
    max_seq_length: int | None = None
    """Tokens of a text that are looked at; None for all that there are."""
    unpack_inference_batch: bool = False
    """Call the model with `input_ids=` and `attention_mask=` instead of one dict."""
    autocast: bool = True
    """On a GPU, compute in half precision."""
    device: Device = "auto"
    """Where to compute."""
    model: Any = field(default=None, init=False, repr=False)
    """The network, once `setup` was called."""

    def __post_init__(self) -> None:
        self.name = format_name_with_suffix(self.model_identifier, "_model")
        if self.device == "gpu" or (self.device == "auto" and has_gpu()):
            self.resources = Resources(cpus=1.0, gpus=1.0)

    def inputs(self) -> tuple[list[str], list[str]]:
        """The tokens."""
        return ["data"], [INPUT_ID_FIELD]

    def num_workers(self) -> int | None:
        """One where it computes on the CPU: it takes all of them by itself."""
        return None if self.resources.requires_gpu else 1

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Load the model.

        Raises:
            InputError: There is no such model, or it is one of another kind.
            ResourceError: What it needs is not installed, or a GPU is asked for and not there.
        """
        self._setup(local_files_only=Path(self.model_identifier).is_dir())

    def _setup(self, local_files_only: bool = True) -> None:
        """Set `self.model`.

        Args:
            local_files_only: Whether the model is a folder, so that nothing needs to be downloaded.
        """
        raise NotImplementedError(
            f"{type(self).__name__} defines no _setup(), which sets self.model."
        )

    def teardown(self) -> None:
        """Let the model go."""
        self.model = None

    def process(self, task: TableTask) -> TableTask:
        """Run the model over the texts of a batch."""
        ids: list[Any] = task.data.column(INPUT_ID_FIELD).to_pylist()
        table = self.answered(task.data, [self._cut(each or []) for each in ids])
        if self.has_seq_order and SEQ_ORDER_FIELD in table.column_names:
            table = table.sort_by(SEQ_ORDER_FIELD).drop_columns([SEQ_ORDER_FIELD])
        task.data = table
        return task

    def _cut(self, ids: list[int]) -> list[int]:
        most = self.max_seq_length
        if most is None or len(ids) <= most:
            return ids
        return ids[:most] if self.padding_side == "right" else ids[-most:]

    def answered(self, table: pa.Table, ids: list[list[int]]) -> pa.Table:
        """The table with what the model says of the tokens of each row.

        Here it asks the methods of a stage of one's own. They see the rows in pandas, the shortest text first, with
        a column `attention_mask`, which goes again unless it was there.
        """
        from curator_text.models.token_batches import by_length

        order = by_length(ids)
        parts = self._parts([ids[i] for i in order])
        if not parts:
            return table
        place, mask = "_curator_place", [[1] * len(ids[i]) for i in order]
        columns: dict[str, Any] = {place: pa.array(order)}
        had_mask = ATTENTION_MASK_FIELD in table.column_names
        if not had_mask:
            columns[ATTENTION_MASK_FIELD] = pa.array(mask, pa.list_(pa.int32()))
        frame: Any = with_columns(table.take(pa.array(order)), columns).to_pandas()
        made = self.create_output_dataframe(frame, self.collect_outputs(parts))
        found = pa.Table.from_pandas(made, preserve_index=False)
        # Without the column of places the rows are taken to be as they were given.
        if place not in found.column_names:
            found = found.append_column(place, pa.array(order))
        found = found.take(pc.sort_indices(found[place]))
        gone = [place, *([] if had_mask else [ATTENTION_MASK_FIELD])]
        return found.drop_columns([name for name in gone if name in found.column_names])

    def _parts(self, ids: list[list[int]]) -> list[Any]:
        """What `process_model_output` gives for each batch."""
        from curator_engine.batch_size import BatchSize
        from curator_text.models.token_batches import padded

        place = getattr(self.model, "device", "cpu")

        def ask(start: int, end: int) -> Any:
            batch = padded(ids[start:end], side=self.padding_side, place=place)
            return self.process_model_output(self._computed(batch), batch)

        size = BatchSize(size=self.model_inference_batch_size, unit="texts")
        return size.each(len(ids), ask)

    def _computed(self, batch: dict[str, Any]) -> Any:
        import torch

        from curator_text.models.token_batches import on_gpu_in_half

        with torch.no_grad(), on_gpu_in_half(batch["input_ids"].device, wanted=self.autocast):
            return self._model_forward(batch)

    def _model_forward(self, model_input_batch: dict[str, Any]) -> Any:
        """What the model says of a batch."""
        if self.unpack_inference_batch:
            return self.model(**model_input_batch)
        return self.model(model_input_batch)

    def process_model_output(
        self, outputs: Any, model_input_batch: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The answers about a batch, by what they are: arrays of length (texts, ...).

        Args:
            outputs: What the model gave.
            model_input_batch: What it was given.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no process_model_output().")

    def collect_outputs(self, processed_outputs: list[Any]) -> Any:
        """The answers of all batches as one.

        Args:
            processed_outputs: Of each batch, what `process_model_output` gave.
        """
        import numpy as np

        names = processed_outputs[0]
        return {name: np.concatenate([each[name] for each in processed_outputs]) for name in names}

    def create_output_dataframe(self, df_cpu: Any, collected_output: Any) -> Any:
        """The rows with their answers.

        Args:
            df_cpu: The rows, in pandas.
            collected_output: What `collect_outputs` gave, in the order of the rows.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no create_output_dataframe().")
