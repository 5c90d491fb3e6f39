"""How workers of a stage work together: by `pool_kind`, or by the documents' keys."""

from enum import Enum

import pytest
from toys import Add, Sum

from curator_engine.compat import RayStageSpecKeys
from curator_engine.executors.local import LocalExecutor
from curator_engine.pipeline import Pipeline
from curator_engine.pool_kinds import Plain, Raft, Shuffle, kind_of


class Key(Enum):
    """As a pipeline of one's own may name the documents' keys."""

    RAFT = "IS_RAFT_ACTOR"
    LSH = "is_lsh_stage"


BANDS = Shuffle(band_ranges=((0, 2), (2, 4)))


@pytest.mark.parametrize(
    ("own", "spec", "kind"),
    [
        (Plain(), {}, Plain()),
        (Plain(), {"is_actor_stage": True, "is_raft_actor": False}, Plain()),
        (Plain(), {"IS_RAFT_ACTOR": True}, Raft()),
        (Plain(), {Key.RAFT: True}, Raft()),
        (Plain(), {RayStageSpecKeys.IS_SHUFFLE_STAGE: True}, Shuffle()),
        (Raft(), {"is_raft_actor": True}, Raft()),
        (Raft(), {"min_workers": 2}, Raft()),
        (BANDS, {Key.LSH: True}, BANDS),
        (BANDS, {"is_lsh_stage": True, "is_shuffle_stage": True}, BANDS),
    ],
)
def test_the_kind_of_a_pool_is_what_stage_or_spec_say(own, spec, kind):
    assert kind_of(kinds(own, spec)) == kind


@pytest.mark.parametrize(
    ("own", "spec", "message"),
    [
        (Raft(), {"is_raft_actor": False}, "says is_raft_actor=False, but its pool_kind is Raft"),
        (Raft(), {"IS_SHUFFLE_STAGE": True}, "says is_shuffle_stage=True"),
        (Shuffle(), {"is_lsh_stage": True}, "says is_lsh_stage=True"),
        (BANDS, {"is_lsh_stage": False}, "says is_lsh_stage=False"),
        (Plain(), {"is_raft_actor": True, "is_shuffle_stage": True}, "says is_shuffle_stage=True"),
        (Plain(), {"is_lsh_stage": True}, "is_lsh_stage without bands"),
    ],
)
def test_a_stage_that_contradicts_itself_is_refused_before_any_work(own, spec, message):
    with pytest.raises(ValueError, match=message):
        Pipeline("p", stages=[kinds(own, spec)]).plan(LocalExecutor())


def kinds(own, spec):
    class Either(Add):
        pool_kind = own

        def ray_stage_spec(self):
            return spec

    return Either()


def test_the_spec_follows_from_the_kind():
    raft = type("Reduce", (Add,), {"pool_kind": Raft()})().ray_stage_spec()
    assert raft == {"is_raft_actor": True}
    spec = type("Lsh", (Add,), {"pool_kind": BANDS})().ray_stage_spec()
    assert spec == {"is_shuffle_stage": True, "is_lsh_stage": True}


def test_band_ranges_may_come_from_the_method_of_the_documents():
    stage = kinds(Plain(), {"is_lsh_stage": True})
    vars(stage)["get_band_iterations"] = lambda: [(0, 5), (5, 9)]
    assert kind_of(stage) == Shuffle(band_ranges=((0, 5), (5, 9)))


def test_a_stage_that_mixes_its_inputs_cannot_be_a_raft_stage():
    with pytest.raises(ValueError, match="sum: a Raft stage returns an entry per task"):
        kind_of(type("Sum", (Sum,), {"pool_kind": Raft()})())
