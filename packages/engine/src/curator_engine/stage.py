"""Stages: what is done to tasks.

`ProcessingStage` turns a task into one, many or none; `Filter` drops items and says why;
`CompositeStage` is a stage that is a list of stages. How stages are run is `runner.py`'s.
"""

from __future__ import annotations

import copy
import re
from abc import ABC, abstractmethod
from collections import Counter
from inspect import isabstract
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np

from curator_engine.communicator import Alone, Communicator
from curator_engine.errors import PipelineError
from curator_engine.failures import Rejection as Rejection
from curator_engine.notes import ROWS_READ as ROWS_READ
from curator_engine.notes import Notes
from curator_engine.pool_kinds import Plain as Plain
from curator_engine.pool_kinds import PoolKind as PoolKind
from curator_engine.pool_kinds import Raft as Raft
from curator_engine.pool_kinds import Shuffle as Shuffle
from curator_engine.pool_kinds import kind_of as kind_of
from curator_engine.pool_kinds import spec_of
from curator_engine.resources import NodeInfo, Resources, WorkerMetadata
from curator_engine.task import Task

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from curator_engine.failures import FailurePolicy

type AnyStage = ProcessingStage[Any, Any]
type Produced = Task[Any] | list[Task[Any]] | Iterator[Task[Any]] | None
"""What `process` may return for one task; an iterator is taken lazily, one task at a time."""

type Needs = tuple[list[str], list[str]]
"""Attributes of a task, and columns or attributes of its data."""


class ProcessingStage[X: Task[Any], Y: Task[Any]](Notes, ABC):
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
        """Name the stage after its class.

        Raises:
            TypeError: A setting of stages is a property, which `with_` could not set.
        """
        super().__init_subclass__(**kwargs)
        for name in _SETTINGS:
            if isinstance(cls.__dict__.get(name), property):
                raise TypeError(
                    f"{cls.__name__}.{name} is a property; make it an attribute or a field, so that "
                    "with_() can set it."
                )
        if "name" not in cls.__dict__:
            cls.name = re.sub(
                r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__
            ).lower()

    @abstractmethod
    def process(self, task: X) -> Y | list[Y] | Iterator[Y] | None:
        """Turn one task into one, several or none."""

    def process_batch(self, tasks: list[X]) -> Sequence[Produced]:
        """All outputs of a batch of tasks, as one list; called by hand, or by a stage that extends this.

        A stage that overrides it returns one entry per task: a task, a list, or None. Where it
        returns more or fewer tasks than it got, it is asked task by task, so that it is known which
        output belongs to which input. With `aligned = False` it returns any number of tasks.

        Raises:
            PipelineError: The stage cannot use a task.
        """
        outputs: list[Produced] = []
        for task in tasks:
            self.check_input(task)
            outputs += as_list(self.entries([task])[0])
        return outputs

    def entries(self, tasks: list[X]) -> list[Produced]:
        """What `process` returns for each task (for the runner)."""
        entries: list[Produced] = []
        for task in tasks:
            self.take_up(task.task_id)
            entries.append(cast("Produced", self.process(task)))
        return entries

    def supports_batch_processing(self) -> bool:
        """Whether the stage takes a batch of tasks at once."""
        return type(self).process_batch is not ProcessingStage.process_batch

    def setup_on_node(
        self, node_info: NodeInfo | None = None, worker_metadata: WorkerMetadata | None = None
    ) -> None:
        """Prepare a node, once, before any worker on it starts (such as downloading weights)."""

    def setup(self, worker_metadata: WorkerMetadata | None = None) -> None:
        """Prepare a worker (such as loading a model)."""

    def teardown(self) -> None:
        """Release what `setup` took."""

    def inputs(self) -> Needs | dict[type[Task[Any]], Needs]:
        """Task attributes and columns that `process` needs; by class of task where it takes several."""
        return [], []

    def outputs(self) -> tuple[list[str], list[str]]:
        """Task attributes and columns that `process` adds."""
        return [], []

    def validate_input(self, task: X) -> bool:
        """Whether `process` can use this task: it has what `inputs` names."""
        return self.missing_in(task) is None

    def missing_in(self, task: X) -> str | None:
        """What `inputs` names and this task lacks, in words, or None."""
        needs = self.inputs()
        if isinstance(needs, dict):
            known = [kind for kind in type(task).__mro__ if kind in needs]
            if not known:
                kinds = " or ".join(kind.__name__ for kind in needs)
                return f"it takes {kinds}, no {type(task).__name__}"
            needs = needs[known[0]]
        attributes, columns = needs
        if missing := [name for name in attributes if not hasattr(task, name)]:
            return f"{type(task).__name__} has no {', '.join(missing)}"
        have = getattr(task.data, "column_names", getattr(task.data, "columns", None))
        if have is None or not (missing := [name for name in columns if name not in have]):
            return None
        there = ", ".join(name for name in map(str, have) if name.isprintable())
        return f"no column {', '.join(missing)}; there are {there}"

    def check_input(self, task: X) -> None:
        """Look whether the stage can use a task, as `validate_input` says: by True or False, or by a text.

        Raises:
            PipelineError: It cannot.
        """
        why: Any = self.validate_input(task)
        if why is not None and not isinstance(why, str):
            why = None if why else self.missing_in(task) or "it failed validation"
        if why:
            raise PipelineError(f"{self.name} cannot use task {task.task_id}: {why}.")

    def num_workers(self) -> int | None:
        """A fixed number of workers, or None to let the executor choose."""
        return None

    def ray_stage_spec(self) -> dict[str, Any]:
        """Settings for the Ray executors."""
        return spec_of(self.pool_kind)

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
        name: str | dict[str, dict[str, Any]] | None = None,
        resources: Resources | None = None,
        batch_size: int | None = None,
        runtime_env: dict[str, Any] | None = None,
        *,
        failure_policy: FailurePolicy | None = None,
        private_rows: bool | None = None,
        num_workers: int | None = None,
        ray_stage_spec: dict[str, Any] | None = None,
        xenna_stage_spec: dict[str, Any] | None = None,
    ) -> Self:
        """A copy with other execution settings; None keeps the present one.

        The two specs are merged over the present ones. A `CompositeStage` takes settings for its
        stages by their names, as a dict: see there.
        """
        if isinstance(name, dict):
            return self._tune(name)
        twin = copy.deepcopy(self)
        settings = dict(zip(_SETTINGS, (name, resources, batch_size, runtime_env), strict=True))
        settings |= {"failure_policy": failure_policy, "private_rows": private_rows}
        given: dict[str, Any] = {k: v for k, v in settings.items() if v is not None}
        vars(twin).update(given)
        specs = {"ray_stage_spec": ray_stage_spec, "xenna_stage_spec": xenna_stage_spec}
        for key, extra in specs.items():
            if extra is not None:
                given[key] = _Constant({**getattr(twin, key)(), **extra})
        if num_workers is not None:
            given["num_workers"] = _Constant(num_workers)
        vars(twin).update(given)
        vars(twin)["_tuned"] = [each for each in given if each != "name"]
        return twin

    def _tune(self, settings: dict[str, dict[str, Any]]) -> Self:
        raise PipelineError(
            f"{self.name} is one stage, so with_() takes its settings by their names, no dict of stages."
        )


_SETTINGS = ("name", "resources", "batch_size", "runtime_env")
"""What `with_` takes by position, in order."""


def get_stage_class(name: str) -> type[AnyStage]:
    """The stage class of this name; of several that were defined, the last one.

    Raises:
        KeyError: No stage that was imported is called so, or it is abstract.
    """
    found: dict[str, type[AnyStage]] = {}
    waiting: list[type[AnyStage]] = [ProcessingStage]
    while waiting:
        stage = waiting.pop()
        waiting += stage.__subclasses__()
        if stage.__name__ == name and not isabstract(stage):
            found.setdefault(name, stage)
    if name not in found:
        raise KeyError(f"no stage {name!r} has been imported.")
    return found[name]


def as_list(entry: Produced) -> Iterable[Task[Any]]:
    """The tasks of what `process` returned for one task."""
    if entry is None:
        return []
    return [entry] if isinstance(entry, Task) else entry


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

    tunes_last: ClassVar[bool] = False
    """Whether settings that `with_` is given for the stage as a whole are for the last of the list."""

    @abstractmethod
    def decompose(self) -> list[AnyStage]:
        """The stages that this one stands for, in order."""

    def with_stages(self, settings: dict[str, dict[str, Any]]) -> Self:
        """A copy that applies `with_(**settings[name])` to the stages of these names."""
        return copy.deepcopy(self)._tune(settings)

    def _tune(self, settings: dict[str, dict[str, Any]]) -> Self:
        """Keep settings for the stages: `with_({...})` changes this stage, as NeMo Curator's does."""
        vars(self)["_stage_settings"] = [*vars(self).get("_stage_settings", []), settings]
        return self

    def decompose_and_apply_with(self) -> list[AnyStage]:
        """NeMo Curator's name for `flatten`."""
        return self.flatten()

    def flatten(self) -> list[AnyStage]:
        """The stages down to the plain ones, with the settings of `with_stages` applied in order.

        Raises:
            PipelineError: There are none, or a name in `with_stages` is not one of theirs alone.
        """
        stages: list[AnyStage] = []
        for part in self.decompose():
            stages += part.flatten() if isinstance(part, CompositeStage) else [part]
        if not stages:
            raise PipelineError(f"{self.name} stands for no stages; return some from decompose().")
        if tuned := vars(self).get("_tuned"):
            if not self.tunes_last:
                raise PipelineError(
                    f"{self.name} is a list of stages, so with_({', '.join(tuned)}=) has no "
                    f"effect; use with_stages({{{stages[0].name!r}: {{...}}}})."
                )
            given = {each: vars(self)[each] for each in tuned}
            fixed = {k: v() if isinstance(v, _Constant) else v for k, v in given.items()}
            stages[-1] = stages[-1].with_(**fixed)
        for settings in vars(self).get("_stage_settings", []):
            names = [stage.name for stage in stages]
            for name in settings:
                if names.count(name) != 1:
                    raise PipelineError(
                        f"{self.name}: {names.count(name)} stages are named {name!r}; there are {', '.join(names)}."
                    )
            stages = [
                stage.with_(**settings[stage.name]) if stage.name in settings else stage
                for stage in stages
            ]
        return stages

    def inputs(self) -> Needs | dict[type[Task[Any]], Needs]:
        """What the first stage needs."""
        return self.flatten()[0].inputs()

    def outputs(self) -> tuple[list[str], list[str]]:
        """What the last stage adds."""
        return self.flatten()[-1].outputs()

    def process(self, task: X) -> Y:
        """Never called: a pipeline runs the stages of `decompose`."""
        raise PipelineError(f"{self.name} is a list of stages; add it to a Pipeline to run it.")
