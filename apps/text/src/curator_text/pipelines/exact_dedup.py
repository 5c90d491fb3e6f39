"""Exact deduplication under NeMo Curator's keywords; `exact.py` does it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.errors import SettingsError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.pipeline import Executor
from curator_engine.positional import positional
from curator_engine.running.progress import ProgressSink
from curator_engine.task import FileGroupTask
from curator_engine.workflow import WorkflowRunResult, take_storage
from curator_text.pipelines.dedup_workflow import DedupKeywords
from curator_text.pipelines.exact import ExactWorkflow
from curator_text.read.normalize import Normalize
from curator_text.settings import ExactSettings


@positional(
    "output_path",
    "input_path",
    "input_filetype",
    "input_blocksize",
    "identification_batchsize",
    "input_file_extensions",
    "read_kwargs",
    "write_kwargs",
    "assign_id",
    "id_field",
    "text_field",
    "perform_removal",
    "total_nparts",
    "rmm_pool_size",
    "spill_memory_limit",
    "env_vars",
    "use_async_memory",
)
@dataclass(kw_only=True)
class ExactDeduplicationWorkflow(DedupKeywords):
    """Find documents with the same text, and remove all but one of each if asked to.

    Parameters and defaults are NeMo Curator's, with ours after them. Two texts count as the same if their 128-bit XXH3 is:
    among 10^12 different texts, the chance that any two share one is below 10^-14, unless somebody
    makes texts to collide. Memory follows a partition of the hashes, and the copies of one text.
    """

    output_path: str
    """Folder for `data/`, `removed/`, `clusters/`, `quarantine/` and `run.json`."""
    input_path: str | list[str] | None = None
    """Files, folders, globs or URLs; None if `run` is given tasks."""
    input_filetype: Literal["auto", "jsonl", "parquet"] = "auto"
    """auto goes by the files' endings, else by their first bytes."""
    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    identification_batchsize: int = 1
    """Accepted: documents are hashed block by block."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the file type unless given."""
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `input_path`, which may hold secrets; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of `output_path`, which may hold secrets; the rest is for cuDF and refused."""
    assign_id: bool = True
    """Name documents that have no id by file and row; False asks for `id_field`."""
    id_field: str | None = None
    """Field with the document's id; file and row unless given."""
    text_field: str = "text"
    """Field with the document's text."""
    perform_removal: bool = False
    """Write `data/`; else only say what would go."""
    total_nparts: int | None = None
    """Accepted: the number of partitions follows from that of the documents."""
    rmm_pool_size: int | str | None = "auto"
    """Accepted, without effect: it tunes a GPU's memory."""
    spill_memory_limit: int | str | None = "auto"
    """Accepted, without effect: it tunes a GPU's memory."""
    env_vars: dict[str, Any] | None = None
    """Accepted, without effect: workers have the environment of this process."""
    use_async_memory: bool = True
    """Accepted, without effect: it tunes a GPU's memory."""

    cache_path: str | None = None
    """Folder for what lies between the steps; `<output_path>/.cache`, removed at the end, if None."""
    normalize: Normalize = "off"
    """What does not count when texts are compared; see `normalize.py`."""
    keep: str = "first"
    """first, longest, newest[:FIELD] or field:FIELD."""
    limit: int | None = None
    """Only the first documents."""
    max_row: int | str = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    partition_rows: int = 1 << 20
    """Documents whose hashes are compared together, about and at most."""
    memory: int | str | None = None
    """Bytes that all processes may take together, as "1GB"; smaller pieces, the same answer."""
    mark: bool = False
    """Write all documents to `data/`, with a column that says what each is a duplicate of."""
    source_field: str | None = None
    """Count losses by this field's value instead of by file."""
    max_removed_ratio: float | None = None
    """Fail before removing if more than this ratio of the documents would go."""
    progress: ProgressSink | None = None
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""
    of, options = ExactWorkflow, ExactSettings

    def __post_init__(self) -> None:
        if not self.assign_id and self.id_field is None:
            raise SettingsError("assign_id=False needs id_field, the field with the ids.")
        take_storage(self, read_kwargs="input_path", write_kwargs="output_path")
        self.made()

    def run(
        self, initial_tasks: list[FileGroupTask] | None = None, executor: Executor | None = None
    ) -> WorkflowRunResult:
        """Run all steps; run again with the same folders, what is finished is not done again.

        Args:
            initial_tasks: Files to read instead of those in `input_path`.
            executor: Where to run; LocalExecutor with one worker unless given.

        Returns:
            Metadata: `num_documents`, `num_duplicates`, `clusters`, `quarantined`, `total_time`,
            `identification_time`, `input_filegroups_time`, `id_generator_path` (with
            `perform_removal=False`), and more.

        Raises:
            InputError: No input, or the text field is in none of the files.
            StageError: A step failed.
        """
        return self._run(initial_tasks, executor)
