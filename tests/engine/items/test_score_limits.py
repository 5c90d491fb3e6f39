from dataclasses import dataclass

import pytest

from curator_engine.errors import SettingsError
from curator_engine.items.score_chart import Line
from curator_engine.items.score_limits import Score, ScoreLimits, limits_of


@dataclass(frozen=True, kw_only=True)
class Options(ScoreLimits):
    scores_of = (
        Score(column="loudness", group="level", meaning="", unit="LUFS", low=-70.0, least=-40.0),
        Score(column="mos", group="mos", meaning="", unit="1 to 5", high=5.0, made_by="dnsmos"),
    )
    min_loudness: float | None = None
    max_loudness: float | None = None
    min_mos: float | None = None
    dnsmos: bool = False


def test_usual_limits_yield_to_given_ones():
    assert Options().score_limits() == []
    assert [each.value for each in Options(limits="usual").score_limits()] == [-40.0]
    assert [each.value for each in Options(limits="usual", min_loudness=-20.0).score_limits()] == [
        -20.0
    ]


def test_a_chart_gets_the_limits_of_a_run():
    settings = {"limits": "usual", "max_loudness": -9.0, "output": "out"}
    lines = [
        Line(value=v, least=least, in_force=True) for v, least in ((-40.0, True), (-9.0, False))
    ]
    assert Options.lines(settings) == {"loudness": lines}


def test_the_options_are_found_by_their_names():
    names = [name for _, name, _ in limits_of(Options.scores_of, Options)]
    assert names == ["min_loudness", "max_loudness", "min_mos"]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"min_loudness": -80.0}, "--min-loudness -80 must be at least -70"),
        ({"min_mos": 6.0, "dnsmos": True}, "--min-mos 6 must be at least 0 and at most 5"),
        ({"min_mos": 3.0}, "--min-mos has no effect without --dnsmos"),
        ({"min_loudness": 0.0, "max_loudness": -9.0}, "above --max-loudness"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(given, message):
    with pytest.raises(SettingsError, match=message):
        Options(**given).check_score_limits()
