"""The single step of exact deduplication, as NeMo Curator names it: files to the ids of copies."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from curator_engine.errors import SettingsError
from curator_engine.files.paths import join
from curator_engine.positional import positional
from curator_engine.stage import AnyStage, ProcessingStage
from curator_engine.stages.called_by_hand import HandCalled
from curator_engine.stages.file_shuffle import FilesShuffle, GpuOptions
from curator_engine.stages.id_generator import CURATOR_DEDUP_ID_STR, present_state
from curator_engine.stages.number_files import NumberFiles
from curator_engine.task import FileGroupTask, TableTask
from curator_text.dedup.removal_ids import removal_ids
from curator_text.dedup.step_names import EXACT_DUPLICATE_GROUP_FIELD
from curator_text.read.reader_stages import JsonlReaderStage, ParquetReaderStage
from curator_text.removal.text_hashes import hash_texts


@dataclass(kw_only=True)
class HashTexts(ProcessingStage[TableTask, TableTask]):
    """Replace the documents of a batch by their ids and the hashes of their texts."""

    text_field: str
    id_field: str

    def inputs(self) -> tuple[list[str], list[str]]:
        """The text and the id."""
        return ["data"], [self.text_field, self.id_field]

    def process(self, task: TableTask) -> TableTask:
        """Ids, and 128-bit XXH3 of the texts, 16 bytes each; documents without a text are left out."""
        table = task.data.select([self.text_field, self.id_field]).drop_null()
        texts: Any = table.column(self.text_field).combine_chunks()
        hashes, _ = hash_texts(texts.cast(pa.large_string()))
        of_texts = pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(16), len(hashes), [None, pa.py_buffer(np.ascontiguousarray(hashes))]
        )
        columns: dict[str, Any] = {
            self.id_field: table.column(self.id_field),
            EXACT_DUPLICATE_GROUP_FIELD: of_texts,
        }
        return TableTask(data=pa.table(columns), dataset_name=task.dataset_name)


@dataclass(kw_only=True)
class CopiesOfTexts(FilesShuffle):
    """Bring equal hashes together and write the ids of all but the smallest of each."""

    id_field: str

    def __post_init__(self) -> None:
        self.shuffle([EXACT_DUPLICATE_GROUP_FIELD], join(self.output_path, "ExactDuplicateIds"))

    def rows_of(self, task: TableTask) -> pa.Table:
        """The ids and hashes of a batch."""
        return task.data

    def digest(self, task: TableTask) -> str:
        """Of the ids and hashes."""
        return super(FilesShuffle, self).digest(task)

    def finished(self, table: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
        """The ids that go, and how many they and the different texts are."""
        gone, groups = removal_ids(table, EXACT_DUPLICATE_GROUP_FIELD, self.id_field)
        return gone, {"num_groups": groups, "num_removal_ids": gone.num_rows}


@positional(
    "text_field",
    "output_path",
    "input_filetype",
    "read_kwargs",
    "write_kwargs",
    "assign_id",
    "id_field",
    "total_nparts",
    "rmm_pool_size",
    "spill_memory_limit",
    "enable_statistics",
    "use_async_memory",
)
@dataclass(kw_only=True)
class ExactDuplicateIdentification(HandCalled[FileGroupTask], GpuOptions):
    """Find documents with the same text; the ids of all but the first of each in `<output_path>/ExactDuplicateIds`.

    Example:
        >>> create_id_generator_actor()
        >>> stages = [
        ...     FilePartitioningStage("corpus"),
        ...     ExactDuplicateIdentification("text", "out", "jsonl"),
        ... ]
    """

    text_field: str
    """Field with the document's text."""
    output_path: str
    """Where the folder `ExactDuplicateIds` is made."""
    input_filetype: Literal["jsonl", "parquet"] = "parquet"
    """What the files are."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """Options of the reader, and `storage_options`, which may hold secrets."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the output, which may hold secrets; the rest is for cuDF and refused."""
    assign_id: bool = True
    """Name documents by numbers of the present id generator; files that it does not know get some."""
    id_field: str | None = None
    """Field with the document's id, with assign_id=False."""
    total_nparts: int | None = None
    """Files of ids; one per batch of documents unless given."""
    name: str = "exact_duplicate_ids"

    def __post_init__(self) -> None:
        if self.assign_id == (self.id_field is not None):
            raise SettingsError(
                "assign_id=True gives ids, so leave id_field out."
                if self.assign_id
                else "assign_id=False needs id_field, the field with the ids."
            )
        if self.input_filetype not in ("jsonl", "parquet"):
            raise SettingsError(
                f"input_filetype={self.input_filetype!r} is neither jsonl nor parquet."
            )

    def decompose(self) -> list[AnyStage]:
        """Number the files if asked to, read them, hash the texts, bring the hashes together.

        Raises:
            SettingsError: There is no id generator, or an option is not offered.
        """
        reader = JsonlReaderStage if self.input_filetype == "jsonl" else ParquetReaderStage
        id_field = self.id_field or CURATOR_DEDUP_ID_STR
        fields = [self.text_field] if self.id_field is None else [self.text_field, self.id_field]
        copies = CopiesOfTexts(
            id_field=id_field,
            output_path=self.output_path,
            total_nparts=self.total_nparts,
            write_kwargs=self.write_kwargs,
        )
        numbers: list[AnyStage] = [NumberFiles(state=present_state())] if self.assign_id else []
        return [
            *numbers,
            reader(fields=fields, read_kwargs=self.read_kwargs or {}),
            HashTexts(text_field=self.text_field, id_field=id_field),
            copies.with_(name=self.name),
        ]
