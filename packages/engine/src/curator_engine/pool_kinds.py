"""How the workers of a stage work together: alone, in one group that talks, or by a shuffle.

A stage says so by `pool_kind`, or by the keys of `ray_stage_spec` as NeMo Curator's stages do.
"""

from dataclasses import dataclass
from typing import Any

from curator_engine.errors import PipelineError


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


def kind_of(stage: Any) -> PoolKind:
    """How the stage's workers work together: its `pool_kind`, or what its `ray_stage_spec` says.

    Raises:
        PipelineError: The two disagree, or a `Raft` stage is not aligned.
    """
    spec = {str(getattr(k, "value", k)).lower(): bool(v) for k, v in stage.ray_stage_spec().items()}
    own = stage.pool_kind
    if own == Plain():
        own = _kind_in(stage, spec)
    expected = {**dict.fromkeys(_KIND_KEYS, False), **spec_of(own)}
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


def spec_of(kind: PoolKind) -> dict[str, Any]:
    """The keys of `ray_stage_spec` that name a kind."""
    match kind:
        case Plain():
            return {}
        case Raft():
            return {"is_raft_actor": True}
        case Shuffle():
            return {"is_shuffle_stage": True} | ({"is_lsh_stage": True} if kind.band_ranges else {})


def _kind_in(stage: Any, spec: dict[str, bool]) -> PoolKind:
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
