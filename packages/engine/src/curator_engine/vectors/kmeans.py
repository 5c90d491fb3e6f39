"""Cut embeddings into clusters: fit centres on a sample, then give each vector its cluster.

Reads files of embeddings and writes `centroid=K/<task id>.parquet` with the id, the embedding at
length one, the metadata and the two distances to the centre. Similar vectors are `pairwise.py`'s.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from curator_engine import rapids
from curator_engine.device import Device, choose_device
from curator_engine.errors import InputError, UnreadableFileError
from curator_engine.failures import FailurePolicy
from curator_engine.files.listing import list_files
from curator_engine.files.paths import join
from curator_engine.files.storage import (
    exists,
    list_folders,
    list_names,
    read_bytes,
    remove,
    write_atomic,
)
from curator_engine.positional import positional
from curator_engine.resources import Resources
from curator_engine.stage import (
    AnyStage,
    CompositeStage,
    PoolKind,
    ProcessingStage,
    Raft,
    Rejection,
)
from curator_engine.stages.files import EXTENSIONS, FilePartitioner
from curator_engine.task import EmptyTask, FileGroupTask
from curator_engine.vectors.centroids import distances, fit_centres, nearest_centres
from curator_engine.vectors.embedding_files import read_rows, sample_vectors
from curator_engine.vectors.matrix import Matrix, vector_column, vectors_of
from curator_engine.vectors.ranking import DISTANCE_COLUMNS
from curator_engine.workflow import take_storage

MUST_SUCCEED = FailurePolicy(on_error="raise", retries=1)
"""A cluster that is left out would change the answer silently."""

CENTROIDS_FILE = "kmeans_centroids.npy"
CLUSTER_FOLDER = "centroid="
_ROWS_TO_FIT, _ROWS_PER_CENTRE = 100_000, 256


@dataclass(kw_only=True)
class FitKMeans(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write the centres, and hand the tasks on.

    On CPUs one worker fits on a sample, so any number of workers gives the same centres. On several
    GPUs all workers fit together, each on its tasks, through cuML.
    """

    pool_kind: ClassVar[PoolKind] = Raft()
    batch_size: int | None = None
    input_path: str | list[str]
    """Files, folders, globs or URLs of embeddings: all that the tasks are about."""
    output_path: str
    """Folder for the centres."""
    n_clusters: int
    id_field: str = "id"
    embedding_field: str = "embeddings"
    embedding_dim: int | None = None
    """Numbers per embedding; that of most rows unless given."""
    input_file_extensions: list[str] | None = None
    max_iter: int = 300
    tol: float = 1e-4
    n_init: int = 1
    random_state: int = 42
    oversampling_factor: float = 2.0
    """For cuML's start."""
    max_samples_per_batch: int = 1 << 15
    """For cuML."""
    fit_data_fraction: float | None = None
    """Part of the rows to fit on, in (0, 1]; unless given, 256 per centre and at least 100,000."""
    device: Device = "auto"
    key: str = ""
    """What else the result depends on: centres and a checkpoint made with another are not used."""
    failure_policy: FailurePolicy | None = field(default=MUST_SUCCEED)
    writes_to: ClassVar[tuple[str, ...]] = ("output_path",)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """Fit for one task."""
        return next(iter(self.process_batch([task])))

    def process_batch(self, tasks: list[FileGroupTask]) -> Sequence[FileGroupTask]:
        """Fit once for all tasks; centres that are there stay, so that a resumed run uses them.

        Raises:
            InputError: No row holds an embedding.
        """
        path = centres_path(self.output_path, self.key)
        there = self.communicator.broadcast(np.array([exists(path)]))
        handle: Any = getattr(self, "raft_handle", None)
        if not there[0]:
            centres = None
            if handle is not None:
                centres = self._fit_together(tasks, handle)
            elif self.communicator.rank == 0:
                centres = self._fit_alone()
            if centres is not None and self.communicator.rank == 0:
                buffer = io.BytesIO()
                np.save(buffer, centres, allow_pickle=False)
                write_atomic(path, buffer.getvalue())
        self.communicator.barrier()
        return list(tasks)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the centres of other settings."""
        kept = centres_path(self.output_path, self.key)
        for name in list_names(self.output_path):
            path = join(self.output_path, name)
            if name.endswith(CENTROIDS_FILE) and path != kept:
                remove(path)

    def _fit_alone(self) -> Matrix:
        paths = [self.input_path] if isinstance(self.input_path, str) else self.input_path
        endings = self.input_file_extensions or [e for group in EXTENSIONS.values() for e in group]
        points = sample_vectors(
            [file.path for file in list_files(paths, extensions=endings)],
            id_field=self.id_field,
            embedding_field=self.embedding_field,
            rows=max(_ROWS_TO_FIT, _ROWS_PER_CENTRE * self.n_clusters),
            fraction=self.fit_data_fraction,
            seed=self.random_state,
            dims=self.embedding_dim,
        )
        return fit_centres(
            points,
            self.n_clusters,
            device=choose_device(self.device),
            max_iter=self.max_iter,
            tol=self.tol,
            n_init=self.n_init,
            seed=self.random_state,
        )

    def _fit_together(self, tasks: list[FileGroupTask], handle: Any) -> Matrix:
        """All ranks at once through cuML and NCCL."""
        cupy = rapids.load(rapids.Part.KMEANS, "cupy")
        cuml = rapids.load(rapids.Part.KMEANS, "cuml.cluster.kmeans_mg")
        points = sample_vectors(
            [path for task in tasks for path in task.data],
            id_field=self.id_field,
            embedding_field=self.embedding_field,
            rows=1 << 62,
            fraction=self.fit_data_fraction,
            seed=self.random_state,
            dims=self.embedding_dim,
        )
        model = cuml.KMeansMG(
            handle=handle,
            n_clusters=self.n_clusters,
            max_iter=self.max_iter,
            tol=self.tol,
            n_init=self.n_init,
            random_state=self.random_state,
            init="k-means||",
            oversampling_factor=self.oversampling_factor,
            max_samples_per_batch=self.max_samples_per_batch,
            output_type="cupy",
        )
        model.fit(cupy.asarray(points))
        return np.asarray(model.cluster_centers_.get(), np.float32)


@dataclass(kw_only=True)
class AssignClusters(ProcessingStage[FileGroupTask, FileGroupTask]):
    """Write the vectors of a task's files, each to the folder of its cluster."""

    output_path: str
    """Folder of the centres, and for the clusters."""
    id_field: str = "id"
    embedding_field: str = "embeddings"
    metadata_fields: list[str] = field(default_factory=list[str])
    """Further columns to carry along, for rankings."""
    device: Device = "auto"
    key: str = ""
    writes_to: ClassVar[tuple[str, ...]] = ("output_path",)

    def process(self, task: FileGroupTask) -> FileGroupTask:
        """The files written; a row without a usable embedding is rejected.

        Raises:
            InputError: A column is missing.
        """
        centres = load_centres(self.output_path, self.key)
        columns = [self.id_field, self.embedding_field, *self.metadata_fields]
        tables: list[pa.Table] = []
        for path in task.data:
            try:
                for row, table in read_rows(path, columns, span=task.span):
                    tables.append(self._assign(path, row, table, centres))
            except UnreadableFileError as error:
                self.reject_file(path, error)
        paths = self._write(task.task_id, pa.concat_tables(tables)) if tables else []
        return FileGroupTask(data=paths, dataset_name=task.dataset_name)

    def resume(self, committed: frozenset[str]) -> None:
        """Remove the rows of sources that are not done."""
        for folder in list_folders(self.output_path):
            for name in list_names(join(self.output_path, folder)):
                path = join(self.output_path, folder, name)
                if folder.startswith(CLUSTER_FOLDER) and path not in committed:
                    remove(path)

    def _assign(self, path: str, row: int, table: pa.Table, centres: Matrix) -> pa.Table:
        vectors = vectors_of(table.column(self.embedding_field), dims=centres.shape[1])
        for at, reason in vectors.bad:
            self.reject(Rejection(file=path, reason=reason, line=row + at + 1))
        labels = nearest_centres(vectors.matrix, centres, device=choose_device(self.device))
        euclidean, cosine = distances(vectors.matrix, centres, labels)
        rest = table.select([self.id_field, *self.metadata_fields])
        added: dict[str, Any] = {
            self.embedding_field: vector_column(vectors.matrix),
            DISTANCE_COLUMNS["l2"]: pa.array(euclidean),
            DISTANCE_COLUMNS["cosine"]: pa.array(cosine),
            "centroid": pa.array(labels),
        }
        out = rest.take(pa.array(vectors.rows, pa.int64()))
        for name, values in added.items():
            out = out.append_column(name, values)
        return out

    def _write(self, task_id: str, table: pa.Table) -> list[str]:
        labels = table.column("centroid").to_numpy()
        order = np.argsort(labels, kind="stable")
        rows = table.drop_columns(["centroid"]).take(pa.array(order, pa.int64()))
        found, starts = np.unique(labels[order], return_index=True)
        paths: list[str] = []
        ends = [*starts[1:].tolist(), len(order)]
        for label, start, end in zip(found.tolist(), starts.tolist(), ends, strict=True):
            path = join(self.output_path, f"{CLUSTER_FOLDER}{label}", f"{task_id}.parquet")
            buffer = io.BytesIO()
            pq.write_table(rows.slice(start, end - start), buffer, compression="zstd")
            write_atomic(path, buffer.getvalue())
            paths.append(path)
        return paths


@positional(
    "n_clusters",
    "id_field",
    "embedding_field",
    "input_path",
    "output_path",
    "metadata_fields",
    "verbose",
    "embedding_dim",
    "input_filetype",
    "input_file_extensions",
    "read_kwargs",
    "write_kwargs",
)
@dataclass(kw_only=True)
class KMeansStage(CompositeStage[EmptyTask, FileGroupTask]):
    """List files of embeddings, fit centres, write the clusters (NeMo Curator's parameters)."""

    n_clusters: int
    id_field: str = "id"
    embedding_field: str = "embeddings"
    input_path: str | list[str]
    output_path: str
    metadata_fields: list[str] | None = None
    embedding_dim: int | None = None
    input_filetype: Literal["parquet", "jsonl"] = "parquet"
    input_file_extensions: list[str] | None = None
    max_iter: int = 300
    tol: float = 1e-4
    random_state: int = 42
    init: Literal["k-means||", "k-means++"] = "k-means||"
    """Accepted: cuML starts with the first, the CPU with the second."""
    n_init: int = 1
    oversampling_factor: float = 2.0
    max_samples_per_batch: int = 1 << 15
    fit_data_fraction: float | None = None
    read_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the input; the rest is for cuDF and refused."""
    write_kwargs: dict[str, Any] | None = field(default=None, repr=False)
    """`storage_options` of the output."""
    verbose: bool = False
    """Accepted; reports say what was done."""
    device: Device = "auto"
    key: str = ""

    def decompose(self) -> list[AnyStage]:
        """List, fit, assign."""
        take_storage(self, read_kwargs="input_path", write_kwargs="output_path")
        endings = self.input_file_extensions or list(EXTENSIONS[self.input_filetype])
        on_gpu = choose_device(self.device) == "gpu"
        resources = Resources(cpus=1.0, entire_gpu=True) if on_gpu else Resources(cpus=1.0)
        fit = FitKMeans(
            input_path=self.input_path,
            output_path=self.output_path,
            n_clusters=self.n_clusters,
            id_field=self.id_field,
            embedding_field=self.embedding_field,
            embedding_dim=self.embedding_dim,
            input_file_extensions=endings,
            max_iter=self.max_iter,
            tol=self.tol,
            n_init=self.n_init,
            random_state=self.random_state,
            oversampling_factor=self.oversampling_factor,
            max_samples_per_batch=self.max_samples_per_batch,
            fit_data_fraction=self.fit_data_fraction,
            device=self.device,
            key=self.key,
        )
        assign = AssignClusters(
            output_path=self.output_path,
            id_field=self.id_field,
            embedding_field=self.embedding_field,
            metadata_fields=list(self.metadata_fields or []),
            device=self.device,
            key=self.key,
        )
        return [
            FilePartitioner(file_paths=self.input_path, file_extensions=endings),
            fit.with_(resources=resources),
            assign.with_(resources=resources),
        ]


def centres_path(folder: str, key: str = "") -> str:
    """Where the centres are."""
    return join(folder, f"{key}{CENTROIDS_FILE}")


def load_centres(folder: str, key: str = "") -> Matrix:
    """The centres, shape (clusters, dims).

    Raises:
        UnreadableFileError: They cannot be read.
    """
    return np.load(io.BytesIO(read_bytes(centres_path(folder, key))), allow_pickle=False)


def cluster_table(paths: Sequence[str]) -> pa.Table:
    """The rows of a cluster's files, joined.

    Raises:
        InputError: A column is of one type in some files and of another in others.
    """
    tables = [pq.read_table(io.BytesIO(read_bytes(path))) for path in paths]
    try:
        return pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowTypeError, pa.ArrowInvalid) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"a column has several types in the input: {reason}.") from error


def cluster_vectors(table: pa.Table, embedding_field: str) -> Matrix:
    """The embeddings of a cluster's rows, shape (rows, dims)."""
    column: Any = table.column(embedding_field)
    flat = pc.call_function("list_flatten", [column])
    return np.ascontiguousarray(flat.to_numpy().reshape(table.num_rows, -1), np.float32)
