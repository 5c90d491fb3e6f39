"""NeMo Curator's stage that drops the pictures of batches whose ids are in tables, as a deduplication lists them."""

from dataclasses import dataclass, field

import pyarrow.parquet as pq

from curator_engine.errors import InputError
from curator_engine.files.paths import join
from curator_engine.files.storage import list_names, open_read, storage_errors
from curator_engine.positional import positional
from curator_engine.resources import WorkerMetadata
from curator_engine.stage import ProcessingStage
from curator_image.task import ImageBatch


@positional("removal_parquets_dir", "duplicate_id_field", "verbose", "num_workers_per_node")
@dataclass(kw_only=True)
class ImageDuplicatesRemovalStage(ProcessingStage[ImageBatch, ImageBatch]):
    """Drop pictures by listed ids."""

    removal_parquets_dir: str
    """Folder with Parquet files of the ids that go."""
    duplicate_id_field: str = "id"
    """The column of ids."""
    verbose: bool = False
    """Whether the report says how many ids are listed."""
    num_workers_per_node: int | None = None
    """How many workers there are, each of which holds all ids; as the executor chooses unless given."""
    name: str = "image_dedup_filter"
    _ids_to_remove: set[str] = field(default_factory=set[str], init=False, repr=False)

    def num_workers(self) -> int | None:
        """As many as the setting says."""
        return self.num_workers_per_node

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Read the ids.

        Raises:
            InputError: The folder holds no Parquet file, or one without the column.
            StorageError: A file cannot be read.
        """
        names = [n for n in list_names(self.removal_parquets_dir) if n.endswith(".parquet")]
        if not names:
            raise InputError(f"no Parquet file in {self.removal_parquets_dir}; check the path.")
        for name in names:
            self._ids_to_remove |= self._read(join(self.removal_parquets_dir, name))

    def process(self, task: ImageBatch) -> ImageBatch:
        """The batch without them; it may be empty."""
        kept = [image for image in task.data if image.image_id not in self._ids_to_remove]
        if dropped := len(task.data) - len(kept):
            self.count_drops({"duplicate": dropped})
        if self.verbose:
            self.log_metric("ids_to_remove", len(self._ids_to_remove))
        twin = task.fork()
        twin.data = kept
        return twin

    def _read(self, path: str) -> set[str]:
        with storage_errors(path, "reading"), open_read(path) as file:
            table = pq.ParquetFile(file)
            names = table.schema_arrow.names
            if self.duplicate_id_field not in names:
                raise InputError(
                    f"{path} has no column {self.duplicate_id_field!r}; there are {', '.join(names)}."
                )
            column = table.read([self.duplicate_id_field]).column(0)
        return {str(each) for each in column.to_pylist() if each is not None}
