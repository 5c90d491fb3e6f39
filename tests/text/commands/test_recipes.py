"""What `curator-text list` shows of the recipes."""

from curator_text.commands.recipes import listed
from curator_text.filters.recipe import load_recipe, recipe_names
from curator_text.modifiers.recipe import load_recipe as load_cleaning
from curator_text.synthetic.prompt_recipe import prompt_recipe_names


def test_every_recipe_is_listed_with_all_of_its_rules():
    recipes = listed()["recipes"]
    assert list(recipes) == recipe_names()
    for name, recipe in recipes.items():
        assert list(recipe.settings) == [each.name for each in load_recipe(name).filters]
        assert recipe.help
        assert not recipe.help.startswith("#")
    assert recipes["curator-en"].settings["word_count"].startswith('WordCount {"min_words": 50')


def test_the_recipes_of_clean_are_listed_with_their_rules():
    recipes = listed()["recipes of clean"]
    assert list(recipes) == ["c4", "web"]
    assert list(recipes["web"].settings) == [each.name for each in load_cleaning("web").modifiers]
    assert recipes["web"].settings["NoticeLines"] == "NoticeLines {}"


def test_the_recipes_of_generate_are_listed_with_what_they_set():
    recipes = listed()["recipes of generate"]
    assert list(recipes) == prompt_recipe_names()
    assert recipes["translate"].settings["min_score"] == 2.5
    assert all(each.help and "prompt" not in each.settings for each in recipes.values())
