"""Each score is declared once; what other places need to know of it follows from there."""

from dataclasses import fields
from typing import Any

import pytest

from curator_engine.errors import SettingsError
from curator_video.score_table import SCORE_COLUMNS, SCORES, SWITCHES
from curator_video.scores.score_clips import MEASURES, ScoreClips
from curator_video.settings import SplitSettings

LIMITS = [
    (group, score, option, is_least)
    for group, scores in SCORES.items()
    for score in scores
    for option, is_least in score.limits()
]


def test_every_group_without_a_model_is_computed_and_can_be_switched_off():
    assert set(MEASURES) == set(SWITCHES)
    assert set(SWITCHES) <= {each.name for each in fields(ScoreClips)}


@pytest.mark.parametrize(("group", "score", "option", "is_least"), LIMITS)
def test_every_limit_is_an_option_that_drops_by_its_score(group, score, option, is_least):
    options: dict[str, Any] = {group: "filter", option: 0.25}
    settings = SplitSettings(**options)
    found = [limit for limit in settings.score_limits(in_force=True) if limit.value == 0.25]
    assert [(f.group, f.score, f.least) for f in found] == [(group, score.column, is_least)]


@pytest.mark.parametrize(("group", "score", "option", "is_least"), LIMITS)
def test_a_limit_out_of_its_score_s_range_is_refused(group, score, option, is_least):
    for beyond in (score.low - 1, score.high + 1):
        if beyond not in (float("inf"), float("-inf")):
            options: dict[str, Any] = {option: beyond}
            with pytest.raises(SettingsError, match=option.replace("_", "-")):
                SplitSettings(**options).check()


def test_columns_are_in_the_order_of_the_table_and_bear_one_name():
    assert SCORE_COLUMNS[:4] == (
        "motion_global_mean",
        "motion_per_patch_min_256",
        "frame_difference",
        "sharpness",
    )
    columns = [score.column for scores in SCORES.values() for score in scores]
    assert len(set(columns)) == len(columns)
