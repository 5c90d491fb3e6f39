"""Stages: what is done to tasks.

`ProcessingStage` turns a task into one, many or none; `Filter` drops items and says why;
`CompositeStage` is a stage that is a list of stages. How stages are run is `runner.py`'s.
"""

from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from curator_engine.communicator import Alone, Communicator
from curator_engine.errors import DamagedFileError, PipelineError, UnreadableFileError
from curator_engine.failures import Rejection as Rejection
from curator_engine.resources import NodeInfo, Resources, WorkerMetadata
from curator_engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from curator_engine.failures import FailurePolicy

type AnyStage = ProcessingStage[Any, Any]
type Produced = Task[Any] | list[Task[Any]] | Iterator[Task[Any]] | None
"""What `process` may return for one task; an iterator is taken lazily, one task at a time."""

_UNSET: Any = object()

ROWS_READ = "rows_read"
"""The metric that `ProcessingStage.count_rows` keeps."""


@dataclass(frozen=True, kw_only=True)
class Plain:
    """Workers that know nothing of each other."""


@dataclass(frozen=True, kw_only=True)
class Raft:
    """Workers that run at the same time, each with its share of all tasks, and talk to each other.

    They do so through the stage's `communicator`, on GPUs also through its `raft_handle`.
    """


@dataclass(frozen=True, kw_only=True)
class Shuffle:
    """Workers that bring rows with the same key together; see `stages/shuffle.py`."""

    num_partitions: int | None = None
    """Output partitions where the stage does not say; None for one per input task."""
    band_ranges: tuple[tuple[int, int], ...] = ()
    """Bands [start, end) of each iteration, with workers of its own; empty: one without bands."""


type PoolKind = Plain | Raft | Shuffle


class ProcessingStage[X: Task[Any], Y: Task[Any]](ABC):
    """One step of a pipeline: subclass it as a keyword-only dataclass and write `process`.

    Fields are settings. State made in `setup` is declared `field(init=False)`. A stage must be safe
    to run again on the same task, since a killed or failed task is tried again.
    """

    name: str = "processing_stage"
    """Defaults to the class name in snake case."""
    resources: Resources = Resources(cpus=1.0)
    """What one worker needs."""
    batch_size: int | None = 1
    """Tasks per call of `process_batch`; None hands over all of them where the executor can."""
    runtime_env: dict[str, Any] | None = None
    """Ray runtime environment of this stage's workers."""
    failure_policy: FailurePolicy | None = None
    """Overrides the run's policy for this stage."""
    private_rows: bool = False
    """Quarantine has the place and length of what the stage rejects or fails on, never the row."""
    communicator: Communicator = Alone()
    """What the workers of a `Raft` stage talk through; an executor without such pools has one worker."""

    pool_kind: ClassVar[PoolKind] = Plain()
    """How its workers work together; see `kind_of`."""
    fan_out: ClassVar[bool] = False
    """Whether one task becomes many that should be spread over workers; ends a chain."""
    aligned: ClassVar[bool] = True
    """Whether `process_batch` returns one entry per input; False for stages that mix their inputs."""
    writes_to: ClassVar[tuple[str, ...]] = ()
    """Fields with the folders in which it writes, which a run takes as `output_folder.take` says."""
    preload: ClassVar[tuple[str, ...]] = ()
    """Modules that a fork server imports once for all worker processes, such as compiled kernels."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Name the stage after its class."""
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = re.sub(
                r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__
            ).lower()

    @abstractmethod
    def process(self, task: X) -> Y | list[Y] | Iterator[Y] | None:
        """Turn one task into one, several or none."""

    def process_batch(self, tasks: list[X]) -> Sequence[Produced]:
        """Turn a batch of tasks into one entry per task: a task, a list or None.

        A stage with `aligned = False` returns any number of tasks instead.
        """
        entries: list[Produced] = []
        for task in tasks:
            self.take_up(task.task_id)
            entries.append(cast("Produced", self.process(task)))
        return entries

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Prepare a node, once, before any worker on it starts (such as downloading weights)."""

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Prepare a worker (such as loading a model)."""

    def teardown(self) -> None:
        """Release what `setup` took."""

    def inputs(self) -> tuple[list[str], list[str]]:
        """Task attributes and columns that `process` needs."""
        return [], []

    def outputs(self) -> tuple[list[str], list[str]]:
        """Task attributes and columns that `process` adds."""
        return [], []

    def validate_input(self, task: X) -> str | bool | None:
        """What is missing in this task, or None if nothing is; also False or True."""
        attributes, columns = self.inputs()
        missing = [name for name in attributes if not hasattr(task, name)]
        if missing:
            return f"{type(task).__name__} has no {', '.join(missing)}"
        have = getattr(task.data, "column_names", None)
        missing = [] if have is None else [name for name in columns if name not in have]
        return (
            f"no column {', '.join(missing)}; there are {', '.join(filter(str.isprintable, have or []))}"
            if missing
            else None
        )

    def num_workers(self) -> int | None:
        """A fixed number of workers, or None to let the executor choose."""
        return None

    def ray_stage_spec(self) -> dict[str, Any]:
        """Settings for the Ray executors."""
        return _spec_of(self.pool_kind)

    def xenna_stage_spec(self) -> dict[str, Any]:
        """Settings for the Xenna executor."""
        return {}

    def resume(self, committed: frozenset[str]) -> None:
        """Remove what a killed run left behind: own output files that are not in `committed`.

        Called once in the driver before a run with a checkpoint; paths are as in the tasks that the
        stage returned.
        """

    def with_(
        self,
        *,
        name: str = _UNSET,
        resources: Resources = _UNSET,
        batch_size: int | None = _UNSET,
        runtime_env: dict[str, Any] | None = _UNSET,
        failure_policy: FailurePolicy | None = _UNSET,
        private_rows: bool = _UNSET,
        num_workers: int | None = _UNSET,
        ray_stage_spec: dict[str, Any] = _UNSET,
        xenna_stage_spec: dict[str, Any] = _UNSET,
    ) -> Self:
        """A copy with other execution settings; the two specs are merged over the present ones."""
        twin = copy.deepcopy(self)
        settings = {
            "name": name,
            "resources": resources,
            "batch_size": batch_size,
            "runtime_env": runtime_env,
            "failure_policy": failure_policy,
            "private_rows": private_rows,
        }
        for key, value in settings.items():
            if value is not _UNSET:
                setattr(twin, key, value)
        methods = {"ray_stage_spec": ray_stage_spec, "xenna_stage_spec": xenna_stage_spec}
        for key, extra in methods.items():
            if extra is not _UNSET:
                setattr(twin, key, _Constant({**getattr(twin, key)(), **extra}))
        if num_workers is not _UNSET:
            twin.num_workers = _Constant(num_workers)
        tuned = {**settings, **methods, "num_workers": num_workers}
        vars(twin)["_tuned"] = [n for n, v in tuned.items() if v is not _UNSET and n != "name"]
        return twin

    def log_metric(self, name: str, value: float) -> None:
        """Record a number about the present batch; it appears in the report and on the tasks."""
        vars(self).setdefault("_metrics", {})[name] = float(value)

    def _log_metric(self, name: str, value: float) -> None:
        """NeMo Curator's name for `log_metric`."""
        self.log_metric(name, value)

    def _log_metrics(self, metrics: dict[str, float]) -> None:
        """NeMo Curator's way to log several metrics."""
        for each in metrics.items():
            self.log_metric(*each)

    def count_drops(self, reasons: dict[str, int]) -> None:
        """Count items that the present call left out, by reason."""
        vars(self).setdefault("_drops", Counter()).update(reasons)

    def count_rows(self, rows: int) -> None:
        """Count rows of the input that were read, bad ones too: only where they are is there a limit."""
        metrics = vars(self).setdefault("_metrics", {})
        metrics[ROWS_READ] = metrics.get(ROWS_READ, 0.0) + rows

    def reject(self, rejection: Rejection) -> None:
        """Send a part of the input that cannot be read to quarantine."""
        notes = vars(self)
        shown = rejection.without_row() if self.private_rows else rejection
        noted = replace(shown, task_id=notes.get("_present", ""))
        notes.setdefault("_rejections", []).append(noted)

    def reject_file(self, path: str, error: UnreadableFileError) -> None:
        """Send a whole file of the input to quarantine; what is not damaged is tried again on a resume."""
        again = not isinstance(error, DamagedFileError)
        self.reject(Rejection(file=path, reason=str(error), rest=True, again=again))

    def take_up(self, task_id: str) -> None:
        """Note which task is worked on from here (for the runner, and in `process_batch`)."""
        vars(self)["_present"] = task_id

    def take_notes(self) -> tuple[dict[str, float], dict[str, int], list[Rejection]]:
        """Metrics, drops and rejections since the last call (for the runner)."""
        notes = vars(self)
        return notes.pop("_metrics", {}), notes.pop("_drops", {}), notes.pop("_rejections", [])


def kind_of(stage: AnyStage) -> PoolKind:
    """How the stage's workers work together: its `pool_kind`, or what its `ray_stage_spec` says.

    Raises:
        PipelineError: The two disagree, or a `Raft` stage is not aligned.
    """
    spec = {str(getattr(k, "value", k)).lower(): bool(v) for k, v in stage.ray_stage_spec().items()}
    own = stage.pool_kind
    if own == Plain():
        own = _kind_in(stage, spec)
    expected = {**dict.fromkeys(_KIND_KEYS, False), **_spec_of(own)}
    if isinstance(own, Shuffle) and own.band_ranges:
        # NeMo Curator's stages with bands set one key or both.
        expected.pop("is_shuffle_stage")
    wrong = [key for key, value in expected.items() if spec.get(key, value) != value]
    if wrong:
        raise PipelineError(
            f"{stage.name}: ray_stage_spec() says {wrong[0]}={spec[wrong[0]]}, but its pool_kind is "
            f"{own}. Make them agree."
        )
    if own == Raft() and not stage.aligned:
        raise PipelineError(f"{stage.name}: a Raft stage returns an entry per task; it is aligned.")
    return own


_KIND_KEYS = ("is_raft_actor", "is_shuffle_stage", "is_lsh_stage")


def _spec_of(kind: PoolKind) -> dict[str, Any]:
    match kind:
        case Plain():
            return {}
        case Raft():
            return {"is_raft_actor": True}
        case Shuffle():
            return {"is_shuffle_stage": True} | ({"is_lsh_stage": True} if kind.band_ranges else {})


def _kind_in(stage: AnyStage, spec: dict[str, bool]) -> PoolKind:
    """The kind that NeMo Curator's keys name."""
    if spec.get("is_raft_actor"):
        return Raft()
    if spec.get("is_lsh_stage"):
        find: Any = getattr(stage, "get_band_iterations", None)
        if find is None:
            raise PipelineError(
                f"{stage.name}: is_lsh_stage without bands; set pool_kind = Shuffle(band_ranges=...)."
            )
        return Shuffle(band_ranges=tuple((int(a), int(b)) for a, b in find()))
    return Shuffle() if spec.get("is_shuffle_stage") else Plain()


class _Constant:
    """A method of one instance that returns a fixed value; survives pickling, unlike a lambda."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self) -> Any:
        return self.value


class Filter[T: Task[Any]](ProcessingStage[T, T]):
    """Drop items and say why: write `drop`, or `drop_batch` for speed."""

    def drop(self, item: Any) -> str | None:
        """Why this item goes, or None to keep it."""
        raise NotImplementedError(f"{type(self).__name__} defines neither drop() nor drop_batch().")

    def drop_batch(self, data: Any) -> Sequence[str | None] | None:
        """A reason or null per item of a task's data (also as an Arrow array); None: use `drop`."""
        return None

    def process(self, task: T) -> T | None:
        """Keep the items without a reason; a task without items is gone."""
        reasons = self.drop_batch(task.data)
        if reasons is None:
            reasons = [self.drop(item) for item in task.items()]
        keep, counts = _split(reasons)
        self.count_drops(counts)
        if not keep.any():
            return None
        return task if keep.all() else task.select(keep)


def _split(reasons: Any) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Which items stay, shape (items,), and how many go for each reason."""
    if hasattr(reasons, "is_null"):
        keep = np.asarray(reasons.is_null().to_numpy(zero_copy_only=False), dtype=bool)
        pairs = reasons.drop_null().value_counts().to_pylist()
        return keep, {pair["values"]: pair["counts"] for pair in pairs}
    keep = np.array([reason is None for reason in reasons], dtype=bool)
    return keep, dict(Counter(reason for reason in reasons if reason is not None))


class CompositeStage[X: Task[Any], Y: Task[Any]](ProcessingStage[X, Y], ABC):
    """A stage that stands for a list of stages, which may be composite themselves."""

    @abstractmethod
    def decompose(self) -> list[AnyStage]:
        """The stages that this one stands for, in order."""

    def with_stages(self, settings: dict[str, dict[str, Any]]) -> Self:
        """A copy that applies `with_(**settings[name])` to the stages of these names."""
        twin = copy.deepcopy(self)
        vars(twin)["_stage_settings"] = {**vars(self).get("_stage_settings", {}), **settings}
        return twin

    def flatten(self) -> list[AnyStage]:
        """The stages down to the plain ones, with `with_stages` applied.

        Raises:
            PipelineError: There are none, or a name in `with_stages` is not one of theirs alone.
        """
        stages: list[AnyStage] = []
        for part in self.decompose():
            stages += part.flatten() if isinstance(part, CompositeStage) else [part]
        if not stages:
            raise PipelineError(f"{self.name} stands for no stages; return some from decompose().")
        if vars(self).get("_tuned"):
            raise PipelineError(
                f"{self.name} is a list of stages, so with_({', '.join(vars(self)['_tuned'])}=) has no "
                f"effect; use with_stages({{{stages[0].name!r}: {{...}}}})."
            )
        names, settings = [s.name for s in stages], vars(self).get("_stage_settings", {})
        for name in settings:
            if names.count(name) != 1:
                raise PipelineError(
                    f"{self.name}: {names.count(name)} stages are named {name!r}; there are {', '.join(names)}."
                )
        return [
            stage.with_(**settings[stage.name]) if stage.name in settings else stage
            for stage in stages
        ]

    def inputs(self) -> tuple[list[str], list[str]]:
        """What the first stage needs."""
        return self.flatten()[0].inputs()

    def outputs(self) -> tuple[list[str], list[str]]:
        """What the last stage adds."""
        return self.flatten()[-1].outputs()

    def process(self, task: X) -> Y:
        """Never called: a pipeline runs the stages of `decompose`."""
        raise PipelineError(f"{self.name} is a list of stages; add it to a Pipeline to run it.")
