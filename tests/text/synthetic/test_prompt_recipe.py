"""Recipes of `generate`: those of the package, a user's own, and what is wrong with one."""

import pytest

from curator_engine.errors import SettingsError
from curator_text.synthetic.prompt_recipe import (
    PromptRecipe,
    load_prompt_recipe,
    load_prompt_template,
    prompt_recipe_file,
    prompt_recipe_names,
)

OWN = "output_field: short\nfields: {words: ''}\nprompt: 'In {words} words: {text}'\n"


def test_the_recipes_of_the_package_are_whole():
    names = prompt_recipe_names()
    assert {"paraphrase", "diverse-qa", "distill", "extract-knowledge", "knowledge-list"} < {*names}
    for name in names:
        given = ["target_lang=German"] if name == "translate" else []
        recipe = load_prompt_recipe(name, given)
        assert "Rain {falls}." in recipe.asked("Rain {falls}.")
        assert prompt_recipe_file(name).read_text(encoding="utf-8").startswith("# ")


def test_fields_and_settings_are_changed_by_name(tmp_path):
    (tmp_path / "own.yaml").write_text(OWN, encoding="utf-8")
    recipe = load_prompt_recipe(str(tmp_path / "own.yaml"), ["words=ten", "temperature=0.5"])
    assert (recipe.name, recipe.asked("x"), recipe.temperature) == ("own", "In ten words: x", 0.5)


def test_what_a_text_holds_in_braces_is_no_field():
    recipe = PromptRecipe(output_field="a", prompt="{b} {text}", fields={"b": "{text}"})
    assert recipe.asked("{b} {c}") == "{text} {b} {c}"


@pytest.mark.parametrize(
    ("text", "changes", "said"),
    [
        (OWN, [], "needs words; give it with --set words=VALUE"),
        (OWN, ["word=3"], "did you mean words"),
        (OWN, ["words"], "is not NAME=VALUE"),
        (OWN, ["words=1", "max_tokens=many"], "is not of its type"),
        (OWN + "promt: x\n", [], "own.yaml:4: promt is no key of a recipe; did you mean prompt"),
        ("output_field: a\n", [], "has no prompt"),
        ("output_field: a\nprompt: hello\n", [], "has no {text}"),
        ("output_field: a\nprompt: '{text} {b}'\n", [], "{b} is no field"),
        ("output_field: a\nprompt: '{text}'\ntidy: [wash]\n", [], "'wash' is none of markdown"),
        ("output_field: a\nprompt: '{text}'\nmax_tokens: 0\n", [], "max_tokens must be 1 or more"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text, changes, said):
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        load_prompt_recipe(str(tmp_path / "own.yaml"), changes)
    assert said in str(error.value)


def test_a_name_that_is_not_there_is_said_with_those_that_are():
    with pytest.raises(
        SettingsError, match=r"no recipe 'sing'; give one of clean-math, .*translate"
    ):
        load_prompt_recipe("sing")


def test_templates_are_filled_by_format():
    told, asked = load_prompt_template("translate.yaml")
    filled = asked.format(source_lang="English", target_lang="German", src="a {b}")
    assert "from English to German" in filled
    assert filled.endswith("a {b}")
    assert told.startswith("You are a translator")
    _, scored = load_prompt_template("faith_eval.yaml")
    assert scored.format(source_lang="x", target_lang="y", src="S", tgt="T").endswith("T")
