"""What `curator-text list` shows of the recipes."""

from curator_text.commands.recipes import listed
from curator_text.filters.recipe import load_recipe, recipe_names


def test_every_recipe_is_listed_with_all_of_its_rules():
    recipes = listed()["recipes"]
    assert list(recipes) == recipe_names()
    for name, recipe in recipes.items():
        assert list(recipe.settings) == [each.name for each in load_recipe(name).filters]
        assert recipe.help
        assert not recipe.help.startswith("#")
    assert recipes["curator-en"].settings["word_count"].startswith('WordCount {"min_words": 50')
