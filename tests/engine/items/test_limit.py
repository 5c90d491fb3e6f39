"""Limits on scores, and what they say of an item that breaks one."""

import pytest

from curator_engine.items.limit import Limit

LEAST = Limit(group="motion", score="speed", value=0.5, least=True)
MOST = Limit(group="overlay", score="text", value=0.5, least=False)


@pytest.mark.parametrize(
    ("limit", "value", "reason"),
    [
        (LEAST, 0.25, "speed 0.25 < 0.5"),
        (LEAST, 0.5, None),
        (MOST, 0.75, "text 0.75 > 0.5"),
        (MOST, 0.5, None),
    ],
)
def test_an_item_goes_if_its_score_is_beyond_the_limit(limit, value, reason):
    assert limit.broken_by({limit.score: value}) == reason


def test_a_score_that_is_not_there_breaks_nothing():
    assert LEAST.broken_by({}) is None


def test_a_figure_next_to_the_limit_is_not_rounded_to_it():
    assert LEAST.broken_by({"speed": 0.49999}) == "speed 0.49999 < 0.5"
