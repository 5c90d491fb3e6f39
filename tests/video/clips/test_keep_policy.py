"""Which of similar clips stays."""

import pyarrow as pa
import pytest

from curator_video.clips.clip_table import CLIPS
from curator_video.clips.keep_policy import rank


def clip(uuid, **more):
    facts = {"width": 640, "height": 360, "start": 0.0, "end": 5.0, "sharpness": 50.0}
    return {"uuid": uuid, **facts, **more}


def table(*rows):
    return pa.Table.from_pylist(list(rows), schema=CLIPS.schema())


@pytest.mark.parametrize(
    "worse",
    [
        {"width": 320, "height": 180},
        {"end": 4.0},
        {"sharpness": 10.0},
        {"letterbox_ratio": 0.25},
        {"width": None, "height": None, "width_source": 320, "height_source": 180},
    ],
    ids=["small", "short", "blurred", "bars", "small source"],
)
def test_the_best_has_most_detail(worse):
    assert rank(table(clip("worse", **worse), clip("better")), "best") == ["better", "worse"]


def test_equals_are_ranked_as_in_the_table():
    assert rank(table(clip("b"), clip("a")), "best") == ["b", "a"]


def test_first_is_the_order_of_the_table():
    assert rank(table(clip("b", end=1.0), clip("a")), "first") == ["b", "a"]
