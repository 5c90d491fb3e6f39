"""Recipes: what they read, what they refuse, what they decide."""

import numpy as np
import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.filters.recipe import filter_classes, load_recipe, recipe_names

_GOOD = "The cat sat on the mat and looked at the birds with that air of one who would have them. "
_TEXTS = pa.array([_GOOD * 1 + "Then it slept. " * 1, "word " * 60, ""], pa.large_string())


def recipe_file(tmp_path, text):
    path = tmp_path / "mine.yaml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("name", recipe_names())
def test_each_recipe_of_the_package_loads_and_scores(name):
    recipe = load_recipe(name)
    scores = recipe.scores(_TEXTS)
    assert list(scores) == [each.name for each in recipe.filters]
    assert all(each.shape == (3,) and np.isfinite(each).all() for each in scores.values())


def test_the_english_recipe_has_28_rules():
    assert len(load_recipe("curator-en").filters) == 28


def test_a_document_goes_at_the_first_rule_that_it_fails_with_the_numbers():
    recipe = load_recipe("curator-en", ["WordCount.min_words=5"])
    verdict = recipe.judge(recipe.scores(_TEXTS))
    assert verdict.keep.tolist() == [True, False, False]
    assert verdict.rule.to_pylist() == [None, "punctuation", "alpha_numeric"]
    assert verdict.reason.to_pylist() == [None, "punctuation 1 > 0.85", "alpha_numeric 1 > 0.25"]


def test_a_limit_that_is_moved_needs_no_text():
    scores = load_recipe("curator-en").scores(_TEXTS)
    moved = load_recipe("curator-en", ["WordCount.min_words=5", "Punctuation=off"])
    assert moved.judge(scores).rule.to_pylist()[1] == "common_english_words"


def test_a_score_that_is_not_there_is_asked_for():
    with pytest.raises(SettingsError, match="no score num_lines"):
        load_recipe("code").judge({"alpha_filter": np.zeros(1), "xml_header": np.zeros(1)})


def test_one_of_several_filters_of_a_class_is_named_by_its_score():
    recipe = load_recipe("curator-en", ["repeating_top_3grams.max_repeating_ngram_ratio=0.5"])
    bounds = {each.name: each.bounds() for each in recipe.filters}
    assert bounds["repeating_top_3grams"] == (None, 0.5)
    assert bounds["repeating_top_2grams"] == (None, 0.2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("WordCont.min_words=1", "did you mean WordCount"),
        ("WordCount.min_word=1", "did you mean min_words"),
        ("WordCount.min_words=many", "must be a whole number"),
        ("WordCount.min_words=true", "must be a whole number"),
        ("WordCount.min_words=[1", "is no value"),
        ("WordCount", "write it as"),
        ("WordCount=80", "write it as"),
        ("RepeatingTopNGrams.max_repeating_ngram_ratio=1", "name one of repeating_top_2grams"),
    ],
)
def test_a_change_that_cannot_be_made_says_what_can(change, message):
    with pytest.raises(SettingsError, match=message):
        load_recipe("curator-en", [change])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "filters:\n  - WordCont: {}\n",
            r"mine.yaml:2: no filter 'WordCont'; did you mean WordCount",
        ),
        ("filters:\n  - WordCount: {min: 1}\n", r"mine.yaml:2: WordCount has no field 'min'"),
        ("filters:\n  - WordCount: {min_words: a}\n", r"mine.yaml:2: WordCount.min_words is 'a'"),
        ("filters:\n  - WordCount: [1]\n", "are no mapping"),
        ("filters:\n  - WordCount: {min_words: [1]}\n", "is no single value"),
        ("filters:\n  - WordCount: {min_words: {a: 1}}\n", "is no single value"),
        ("filters:\n  - GopherStopWords: {words: the}\n", "it must be a list of texts"),
        ("filters:\n  - GopherStopWords: {words: [1]}\n", "it must be a list of texts"),
        ("filters:\n  - [1]\n", "is no filter"),
        ("filters:\n  - Substring: {position: any}\n", "missing"),
        ("filters:\n  - Substring: {substring: a, position: middle}\n", "must be"),
        ("filters:\n  - RepeatingTopNGrams: {n: 99}\n", "n=99 is not in"),
        ("filters:\n  - WordCount\n  - WordCount\n", "has the filter word_count twice"),
        ("rules: []\n", "is no recipe"),
        ("filters: 1\n", "is no recipe"),
    ],
)
def test_a_file_that_is_no_recipe_says_where(tmp_path, text, message):
    with pytest.raises(SettingsError, match=message):
        load_recipe(recipe_file(tmp_path, text))


def test_a_recipe_of_ones_own_is_a_file(tmp_path):
    recipe = load_recipe(
        recipe_file(tmp_path, "filters:\n  - WordCount\n  - Urls: {max_url_to_text_ratio: 1}\n")
    )
    assert [each.name for each in recipe.filters] == ["word_count", "urls_ratio"]


def test_a_recipe_that_is_not_there_says_which_are():
    with pytest.raises(
        SettingsError, match="give one of c4, code, code-python, curator-en, fineweb"
    ):
        load_recipe("gofer")


def test_every_filter_may_stand_in_a_recipe():
    assert {"WordCount", "Substring", "Alpha", "RepeatedLines"} <= filter_classes().keys()


@pytest.mark.parametrize(("name", "kept"), [("fineweb2-fra", True), ("fineweb2-deu", False)])
def test_a_recipe_of_a_language_knows_its_stop_words(name, kept):
    text = " ".join(f"Dans le parc, nous avons vu une dame et {word}." for word in "abcdefghij")
    changes = [f"{rule}=off" for rule in ("GopherTopNGrams", "GopherDuplicateNGrams")]
    recipe = load_recipe(name, changes)
    verdict = recipe.judge(recipe.scores(pa.array([text], pa.large_string())))
    assert verdict.keep.tolist() == [kept]
    assert verdict.rule.to_pylist() == [None if kept else "gopher_stop_words"]


def test_a_list_of_a_recipe_may_be_changed():
    recipe = load_recipe("fineweb2", ["GopherStopWords.words=[och, det]"])
    assert vars(recipe.filters[-1])["words"] == ["och", "det"]
