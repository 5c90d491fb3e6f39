"""Settings that do not fit together."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.semantic_settings import SemanticSettings


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
def test_a_value_out_of_range_is_named(options, message):
    with pytest.raises(SettingsError, match=message):
        SemanticSettings(**options).check()


def test_auto_is_an_eps():
    SemanticSettings(eps="auto").check()
