from dataclasses import fields

import pytest

from curator_audio.score_table import SCORE_TABLE, ScoreOptions
from curator_engine.errors import SettingsError


def test_every_limit_is_on_a_score_and_says_the_usual_one():
    columns = {score.column for score in SCORE_TABLE}
    named = {f.name[4:] for f in fields(ScoreOptions) if f.name[:4] in ("min_", "max_")}
    # A number of speakers is no score.
    assert named - {"speakers"} <= columns
    usual = {(each.score, each.value) for each in ScoreOptions(limits="usual").score_limits()}
    assert usual == {
        ("loudness", -45.0),
        ("clipping_ratio", 0.01),
        ("silence_ratio", 0.9),
        ("snr", 10.0),
        ("bandwidth", 3000.0),
        ("dnsmos_ovrl", 2.5),
        ("hallucination_signs", 0.0),
    }


def test_a_limit_out_of_range_is_refused():
    with pytest.raises(SettingsError, match="--max-silence-ratio 2 must be at least 0"):
        ScoreOptions(max_silence_ratio=2.0).check_score_limits()
