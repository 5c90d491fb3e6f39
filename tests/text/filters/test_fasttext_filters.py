"""Filters by a fastText model: a tiny one, written byte by byte, whose answers are known."""

import math

import numpy as np
import pytest
from fasttext_toys import write_model

from curator_engine.errors import InputError, SettingsError
from curator_text.filters.fasttext_filters import FastTextLangId, FastTextQualityFilter

SURE = 1 / (1 + math.exp(-4))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "lang.bin"
    return write_model(path, ("__label__eng_Latn", "__label__deu_Latn"), ("the", "der"))


@pytest.fixture(scope="module")
def quality(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "quality.bin"
    return write_model(path, ("__label__hq", "__label__cc"), ("good", "bad"))


@pytest.mark.parametrize(
    ("lang", "kept"),
    [(None, True), ("eng", True), ("ENG_latn", True), ("deu", False), ("eng_Cyrl", False)],
)
def test_a_language_is_kept_by_its_code_with_or_without_script(model, lang, kept):
    rule = FastTextLangId(model, 0.9, lang=lang)
    score = rule.score_document("the\nthe ")
    assert score == pytest.approx(SURE if kept else 0.0, abs=1e-4)
    assert rule.keep_document(score) == kept


def test_a_language_that_is_not_sure_enough_goes(model):
    rule = FastTextLangId(model, min_langid_score=0.6)
    scores = [rule.score_document(text) for text in ("the", "the der")]
    assert [rule.keep_document(score) for score in scores] == [True, False]


def test_quality_is_the_probability_of_the_label(quality):
    rule = FastTextQualityFilter(quality)
    found = [rule.score_document(text) for text in ("good", "bad", "good __label__ \nbad")]
    assert found == pytest.approx([SURE, 1 - SURE, 0.5], abs=1e-4)


def test_the_share_that_stays_follows_the_pareto_distribution(quality):
    rule = FastTextQualityFilter(quality)
    scores = np.linspace(0.199, 0.201, 4000)
    assert rule.keep_batch(scores).mean() == pytest.approx(1.8**-3, abs=0.02)
    assert rule.keep_batch(np.full(5, 1.0)).all()


def test_a_document_stays_or_goes_alike_alone_and_in_a_block_and_by_the_seed(quality):
    rule, scores = FastTextQualityFilter(quality), np.linspace(0, 1, 200)
    kept = rule.keep_batch(scores)
    assert [rule.keep_document(score) for score in scores.tolist()] == kept.tolist()
    assert (FastTextQualityFilter(quality, seed=1).keep_batch(scores) != kept).any()


@pytest.mark.parametrize("kind", [FastTextLangId, FastTextQualityFilter])
def test_a_model_that_is_not_there_is_refused(kind, tmp_path):
    with pytest.raises(SettingsError, match="no model_path"):
        kind()
    with pytest.raises(SettingsError, match="there is no such file"):
        kind(str(tmp_path / "none.bin"))
    (tmp_path / "some.bin").write_bytes(b"no model")
    with pytest.raises(InputError, match="is no fastText model"):
        kind(str(tmp_path / "some.bin")).score_document("a")
