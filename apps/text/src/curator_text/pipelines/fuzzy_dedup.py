"""Fuzzy deduplication under NeMo Curator's keywords; `fuzzy.py` does it."""

from dataclasses import dataclass, field
from typing import Any, Literal

from curator_engine.device import Device
from curator_engine.errors import SettingsError
from curator_engine.files.blocks import MAX_ROW_BYTES
from curator_engine.pipeline import Executor
from curator_engine.positional import positional
from curator_engine.running.progress import ProgressSink
from curator_engine.task import FileGroupTask
from curator_engine.workflow import WorkflowRunResult, take_storage
from curator_text.dedup.index_use import IndexUse
from curator_text.pipelines.dedup_workflow import DedupKeywords
from curator_text.pipelines.fuzzy import FuzzyWorkflow
from curator_text.settings import FuzzySettings
from curator_text.signatures.minhash import Method

_STORAGE = {
    "read_kwargs": "input_path",
    "cache_kwargs": "cache_path",
    "write_kwargs": "output_path",
}
"""Whose options are for which paths."""


@positional(
    "cache_path",
    "output_path",
    "input_path",
    "input_filetype",
    "input_blocksize",
    "input_file_extensions",
    "read_kwargs",
    "cache_kwargs",
    "write_kwargs",
    "text_field",
    "perform_removal",
    "seed",
    "char_ngrams",
    "num_bands",
    "minhashes_per_band",
    "use_64_bit_hash",
    "bands_per_iteration",
    "lsh_num_output_partitions",
    "lsh_rmm_pool_size",
    "lsh_spill_memory_limit",
    "env_vars",
    "use_async_memory",
)
@dataclass(kw_only=True)
class FuzzyDeduplicationWorkflow(DedupKeywords):
    """Find near-duplicate documents, and remove them if asked to.

    Parameters and defaults are NeMo Curator's, with ours after them. `lsh_num_output_partitions`,
    `lsh_rmm_pool_size`, `lsh_spill_memory_limit`, `use_async_memory` and `env_vars` tune its GPU
    steps: they are accepted and do nothing here. `read_kwargs`, `cache_kwargs` and `write_kwargs` take
    `storage_options`, for the paths of input, cache and output; the rest is for cuDF and refused.
    """

    cache_path: str | None = None
    """Folder for what lies between the steps; `<output_path>/.cache`, removed at the end, if None."""
    output_path: str
    """Folder for `data/`, `removed/`, `clusters/`, `quarantine/` and `run.json`."""
    input_path: str | list[str] | None = None
    """Files, folders, globs or URLs; None if `run` is given tasks."""
    input_filetype: Literal["auto", "jsonl", "parquet"] = "auto"
    """auto goes by the files' endings, else by their first bytes."""
    input_blocksize: int | str = "32MiB"
    """Bytes per task; the result does not depend on it."""
    input_file_extensions: list[str] | None = None
    """Endings of the files that count; those of the file type unless given."""
    text_field: str = "text"
    """Field with the document's text."""
    perform_removal: bool = False
    """Write `data/`; else only say what would go."""
    seed: int = 42
    """Of the hash functions."""
    char_ngrams: int = 24
    """Characters per window."""
    num_bands: int = 20
    """Bands of a signature: documents that agree in one are candidates."""
    minhashes_per_band: int = 13
    """Rows of a signature per band."""
    use_64_bit_hash: bool = False
    """Only False: the 32-bit signatures are what GPU and CPU share."""
    bands_per_iteration: int = 5
    """Bands that one task looks at, if there are few documents."""
    lsh_num_output_partitions: int | None = None
    lsh_rmm_pool_size: int | str | None = "auto"
    lsh_spill_memory_limit: int | str | None = "auto"
    env_vars: dict[str, Any] | None = None
    use_async_memory: bool = True
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    cache_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)

    method: Method = "fast"
    """How signatures are made: fast, or curator, which are cuDF's."""
    threshold: float = 0.8
    """Exact Jaccard similarity from which a document goes."""
    verify: bool = True
    """Compare exactly; without it the first of each component stays."""
    keep: str = "first"
    """first, longest, newest[:FIELD] or field:FIELD."""
    id_field: str | None = None
    """Field with the document's id; file and row unless given."""
    device: Device = "auto"
    """Where documents are signed and pairs joined; the answer is the same."""
    limit: int | None = None
    """Only the first documents."""
    max_row: int | str = MAX_ROW_BYTES
    """Bytes of the longest line that is read; a longer one goes to quarantine by its length."""
    max_bucket: int = 64
    """Documents of a bucket that are all compared; larger buckets are split by further rows."""
    max_checks: int = 1000
    """Exact comparisons per document, nearest first."""
    partition_bytes: int = 64 << 20
    """Bytes of documents that are verified together, at most."""
    memory: int | str | None = None
    """Bytes that all processes may take together, as "1GB"; smaller pieces, the same answer."""
    mark: bool = False
    """Write all documents to `data/`, with a column that says what each is a duplicate of."""
    source_field: str | None = None
    """Count losses by this field's value instead of by file."""
    max_removed_ratio: float | None = None
    """Fail before removing if more than this ratio of the documents would go."""
    against: str | None = None
    """Index of earlier runs: its documents come before all others and stay."""
    save_index: str | None = None
    """Index to which the documents that stay are added; made if it is not there."""
    progress: ProgressSink | None = None
    key: str = ""
    """Kept in `run.json`, to know a finished run of the same settings and input."""
    of, options = FuzzyWorkflow, FuzzySettings

    def __post_init__(self) -> None:
        if self.use_64_bit_hash:
            raise SettingsError(
                "use_64_bit_hash=True is not offered: signatures are 32-bit, as the GPU's default."
            )
        self.made()
        if not 1 <= self.bands_per_iteration <= self.num_bands:
            raise SettingsError(
                f"bands_per_iteration={self.bands_per_iteration} is not in [1, {self.num_bands}]."
            )
        take_storage(self, **_STORAGE)

    def run(
        self, initial_tasks: list[FileGroupTask] | None = None, executor: Executor | None = None
    ) -> WorkflowRunResult:
        """Run all steps; run again with the same folders, what is finished is not done again.

        Args:
            initial_tasks: Files to read instead of those in `input_path`.
            executor: Where to run; on a CPU LocalExecutor with one worker unless given.

        Returns:
            Metadata: `num_documents`, `num_duplicates`, `num_clusters`, `quarantined`, seconds per
            step, and the settings.

        Raises:
            InputError: No input, or the text field is in none of the files.
            StageError: A step failed.
        """
        return self._run(initial_tasks or None, executor)

    @property
    def indexes(self) -> IndexUse:
        """The indexes of the run."""
        made: Any = self.made()
        return made.indexes
