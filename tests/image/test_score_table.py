"""Each score is declared once; what other places need to know of it follows from there."""

from dataclasses import dataclass, fields
from typing import Any

import pytest

from curator_engine.errors import InputError, SettingsError
from curator_engine.items.score_limits import Score, limits_of, option_of
from curator_image.score_table import SCORE_TABLE, ScoreOptions

LIMITS = limits_of(SCORE_TABLE, ScoreOptions)


@dataclass(frozen=True, kw_only=True)
class Options(ScoreOptions):
    """Settings of a command that takes the limits."""


def test_every_option_is_the_limit_of_a_score():
    names = [each.name for each in fields(ScoreOptions)]
    options = {name for name in names if name.startswith(("min_", "max_"))}
    assert options == {name for _, name, _ in LIMITS}


def test_columns_bear_one_name():
    columns = [score.column for score in SCORE_TABLE]
    assert len(set(columns)) == len(columns)


def test_nothing_is_dropped_unless_asked_for():
    assert ScoreOptions().score_limits() == []


@pytest.mark.parametrize(("score", "name", "least"), LIMITS)
def test_a_limit_drops_by_its_score(score: Score, name: str, least: bool):
    values: dict[str, Any] = {name: 0.25}
    limits = Options(**values).score_limits()
    assert [(f.group, f.score, f.value, f.least) for f in limits] == [
        (score.group, score.column, 0.25, least)
    ]


@pytest.mark.parametrize(("score", "name", "least"), LIMITS)
def test_a_limit_out_of_its_score_s_range_is_refused(score: Score, name: str, least: bool):
    for beyond in (-1, score.high + 1):
        if beyond != float("inf"):
            values: dict[str, Any] = {name: beyond}
            with pytest.raises(SettingsError, match=option_of(name)):
                Options(**values).check_limits()


def test_the_usual_limits_are_asked_for_and_a_given_one_wins():
    usual = {(f.score, f.least): f.value for f in Options(limits="usual").score_limits()}
    given = {
        (f.score, f.least): f.value for f in Options(limits="usual", min_sharpness=2).score_limits()
    }
    assert usual[("aspect", True)] == 0.333
    assert usual[("sharpness", True)] == 10
    assert given == usual | {("sharpness", True): 2}


def test_every_usual_limit_has_an_option():
    ends = [
        (s.column, end)
        for s in SCORE_TABLE
        for end in ("least", "most")
        if getattr(s, end) is not None
    ]
    options = {(score.column, "least" if least else "most") for score, _, least in LIMITS}
    assert set(ends) <= options


def test_limits_that_leave_nothing_are_refused():
    with pytest.raises(SettingsError, match="--min-width 500 is above --max-width 100"):
        Options(min_width=500, max_width=100).check_limits()


@pytest.mark.parametrize("score", [s for s in SCORE_TABLE if s.made_by not in ("", "captions")])
def test_a_limit_on_what_is_not_scored_is_refused(score: Score):
    for _, name, _ in limits_of((score,), ScoreOptions):
        values: dict[str, Any] = {name: 0.25}
        with pytest.raises(SettingsError, match=f"{option_of(name)} has no effect without --"):
            Options(**values).check_limits()


@pytest.mark.parametrize(
    "given", [{"aesthetic": "laion"}, {"nsfw": "head.pth"}, {"caption_similarity": True}]
)
def test_what_needs_vectors_says_so(given: dict[str, Any]):
    with pytest.raises(SettingsError, match="needs CLIP's vectors; add --embed"):
        Options(**given).check_limits()
    Options(embed="clip", **given).check_limits()


def test_what_is_asked_of_no_model_is_refused():
    with pytest.raises(SettingsError, match="--prompt has no effect without --caption"):
        Options(prompt="What is it?").check_limits()
    Options(nsfw="open").check_limits()


def test_what_can_be_no_model_is_refused_at_once():
    with pytest.raises(InputError, match=r"'no model' is neither a folder .* --embed"):
        Options(embed="no model").check_limits()
