"""The filter by a model of `train`."""

import numpy as np
import pytest
from fasttext_toys import write_model

from curator_engine.errors import InputError, SettingsError
from curator_text.filters.linear_filter import LinearModelFilter, rule_of_model
from curator_text.filters.recipe import load_recipe
from curator_text.models.linear_model import LinearModel


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    weights = np.random.default_rng(0).integers(-9000, 9000, 1 << 10).astype(np.int16)
    LinearModel(weights=weights, exponent=-11, bias=0.0).save(f"{folder}/model.safetensors")
    return str(folder)


def test_the_score_is_the_models(model):
    rule = LinearModelFilter(model)
    score = rule.score_document("some words")
    assert score == rule.score_document("Some Words")
    assert rule.keep_document(score) == (score >= 0.5)
    assert rule.bounds() == (0.5, None)


def test_a_draw_keeps_some_of_low_scores_and_is_the_same_again(model):
    scores = np.linspace(0, 1, 400)
    rule = LinearModelFilter(model, choice="pareto", alpha=3)
    kept = rule.keep_batch(scores)
    assert kept[scores > 0.999].all()
    assert 0 < kept[scores < 0.3].mean() < 0.4
    assert (rule.keep_batch(scores[::-1])[::-1] == kept).all()
    assert (LinearModelFilter(model, choice="pareto", seed=1).keep_batch(scores) != kept).any()
    assert rule.bounds() == (None, None)


def test_which_rule_a_model_needs(model, tmp_path):
    fast = write_model(tmp_path / "q.bin", ("__label__hq", "__label__cc"), ("good", "bad"))
    assert rule_of_model(model) == "LinearModel"
    names = [each.name for each in load_recipe("gopher", model=fast).filters]
    assert names[-1] == "fasttext_quality_filter"
    with pytest.raises(InputError, match="no model at"):
        rule_of_model(str(tmp_path))


def test_a_changed_model_has_another_key(model, tmp_path):
    path = tmp_path / "model.safetensors"
    loaded = LinearModel.load(model)
    loaded.save(str(path))
    first = LinearModelFilter(str(tmp_path)).model_key
    LinearModel(weights=loaded.weights, exponent=-10, bias=0.5).save(str(path))
    assert LinearModelFilter(str(path)).model_key != first


@pytest.mark.parametrize("wrong", [{"model_path": None}, {"alpha": 0}, {"min_score": 1.5}], ids=str)
def test_settings_out_of_range_are_refused(model, wrong):
    with pytest.raises(SettingsError):
        LinearModelFilter(**{"model_path": model, **wrong})


def test_no_model_is_refused(tmp_path):
    with pytest.raises(InputError, match="no model at"):
        LinearModelFilter(str(tmp_path / "nowhere"))
