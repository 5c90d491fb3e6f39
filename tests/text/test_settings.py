"""Settings of the jobs: what does not fit together is said before any work."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.settings import (
    ExactSettings,
    FilterSettings,
    FuzzySettings,
    LinesSettings,
    SemanticSettings,
)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"num_bands": 4}, "--num-bands and --minhashes-per-band go together"),
        ({"num_bands": 4, "minhashes_per_band": 5, "recall": 0.9}, "--recall chooses the bands"),
        ({"mark": True, "ids_only": True}, "exclude each other"),
        ({"device": "gpu"}, "add --executor ray_actor_pool"),
        ({"threshold": 1.0}, "--threshold 1.0 is not between 0 and 1"),
        ({"recall": 0.0}, "--recall 0.0 is not between 0 and 1"),
        (
            {"num_bands": 100_000, "minhashes_per_band": 1},
            r"num_bands=100000 is not in \[1, 2,048\]",
        ),
        ({"num_bands": 2000, "minhashes_per_band": 13}, "are more than 4,096 rows per signature"),
        ({"char_ngrams": 0}, r"char_ngrams=0 is not in \[1, 2,048\]"),
        ({"max_removed_ratio": 1.5}, r"--max-removed-ratio 1.5 is not in \[0, 1\]"),
    ],
)
def test_what_does_not_fit_is_named(options, message):
    with pytest.raises(SettingsError, match=message):
        FuzzySettings(**options).check()


def test_the_defaults_fit_together():
    FuzzySettings().check()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mark": True, "ids_only": True}, "--mark and --ids-only exclude each other"),
        ({"max_removed_ratio": 2.0}, r"--max-removed-ratio 2\.0 is not in \[0, 1\]"),
        ({"workers": 0}, "--workers 0 is below 1"),
    ],
)
def test_what_does_not_fit_an_exact_job_is_named(settings, message):
    with pytest.raises(SettingsError, match=message):
        ExactSettings(**settings).check()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"eps": 1.5}, "--eps 1.5 is not between 0 and 1"),
        ({"eps": 0.0}, "--eps 0.0 is not between 0 and 1"),
        ({"n_clusters": 0}, "--n-clusters 0 is below 1"),
        ({"max_chars": 0}, "--max-chars 0 is below 1"),
        ({"seed": -1}, "--seed -1 is below 0"),
        ({"model": "m", "embedding_field": "v"}, "--embedding-field and --model exclude"),
        ({"max_removed_ratio": 2.0}, "--max-removed-ratio 2.0 is not in"),
    ],
)
def test_what_does_not_fit_a_semantic_job_is_named(options, message):
    with pytest.raises(SettingsError, match=message):
        SemanticSettings(**options).check()


def test_auto_is_an_eps():
    SemanticSettings(eps="auto").check()


@pytest.mark.parametrize(
    "settings",
    [
        ExactSettings(ids_only=True),
        FilterSettings(score_only=True),
        LinesSettings(remove="nothing"),
    ],
)
def test_a_job_that_leaves_no_data_says_so(settings):
    assert not settings.writes_data
