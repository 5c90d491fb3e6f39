"""Recipes for cleaning."""

import pyarrow as pa
import pytest

from curator_engine.errors import SettingsError
from curator_text.modifiers.recipe import (
    load_recipe,
    modifier_classes,
    recipe_file,
    recipe_names,
    recipe_of,
)

TEXTS = pa.array(
    [
        "The MonaÃ© Lisa.\n\n\n\nWe use cookies\nIt hangs in Paris, in the Louvre.",
        "We use cookies",
        "A page that nothing is wrong with.",
        " \n",
    ],
    pa.large_string(),
)


@pytest.mark.parametrize("name", recipe_names())
def test_each_recipe_of_the_package_loads_and_says_what_it_is(name):
    assert load_recipe(name).edit(TEXTS).counts
    assert recipe_file(name).read_text().startswith("# ")


def test_rules_apply_to_what_those_before_leave_and_are_counted():
    edits = load_recipe("web").edit(TEXTS)
    assert edits.changed.tolist() == [0, 1]
    assert edits.texts.to_pylist() == [
        "The Monaé Lisa.\n\nIt hangs in Paris, in the Louvre.",
        "",
    ]
    assert {name: counts.tolist() for name, counts in edits.counts.items()} == {
        "UnicodeReformatter": [1, 0, 0, 0],
        "NoticeLines": [1, 1, 0, 0],
        "NewlineNormalizer": [1, 0, 0, 0],
    }


def test_a_document_of_which_nothing_is_left_goes_by_the_rule_that_took_the_rest():
    assert load_recipe("web").edit(TEXTS).goes == {
        1: ("NoticeLines", "nothing is left of 14 characters"),
        3: ("empty", "there is no text"),
    }


def test_only_sentences_stay_by_the_rules_of_c4():
    text = "Menu\nThis is a sentence of six words.\nToo short.\nHere we speak of JavaScript, at length."
    edits = load_recipe("c4").edit(pa.array([text, "if (a) { b }"], pa.large_string()))
    assert edits.texts.to_pylist() == ["This is a sentence of six words.", ""]
    assert edits.goes[1][0] == "CurlyBracketPages"


def test_a_rule_can_be_changed_or_left_out():
    edits = load_recipe("web", ["NoticeLines=off", "UnicodeReformatter.fix_encoding=false"]).edit(
        TEXTS
    )
    assert [*edits.counts] == ["NewlineNormalizer"]
    edits = load_recipe("web", ["NoticeLines.phrases=[louvre]"]).edit(TEXTS)
    assert edits.counts["NoticeLines"].tolist() == [1, 0, 0, 0]


def test_a_rule_that_is_not_known_says_what_is_near():
    with pytest.raises(SettingsError, match="no modifier 'NoticeLine'; did you mean NoticeLines"):
        load_recipe("web", ["NoticeLine=off"])


def test_every_modifier_may_stand_in_a_recipe_with_or_without_the_ending(tmp_path):
    assert {
        "UrlRemover",
        "BoilerPlateString",
        "Slicer",
        "UnicodeReformatter",
    } <= modifier_classes().keys()
    path = tmp_path / "mine.yaml"
    path.write_text("modifiers:\n  - BoilerPlateStringModifier\n  - LineRemover: {patterns: [a]}\n")
    assert load_recipe(str(path)).names == ["BoilerPlateString", "LineRemover"]


def test_a_described_recipe_is_the_recipe():
    described = [{"modifier": "NoticeLines", "settings": {"max_words": 3}}]
    assert (
        recipe_of(described).modifiers
        == load_recipe(
            "web", ["UnicodeReformatter=off", "NewlineNormalizer=off", "NoticeLines.max_words=3"]
        ).modifiers
    )


def test_the_steps_of_a_text_are_what_each_rule_makes_of_it():
    steps = load_recipe("web").steps("donâ€™t\nWe use cookies")
    assert steps == [
        ("UnicodeReformatter", "don\u2019t\nWe use cookies"),
        ("NoticeLines", "don\u2019t"),
    ]
