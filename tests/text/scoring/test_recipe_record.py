"""What is kept of a recipe."""

from dataclasses import dataclass

from filter_toys import Words, toy_recipe

from curator_text.scoring.recipe_record import describe, settings_of


def test_a_filter_is_kept_with_its_settings_and_bounds():
    first, second = describe(toy_recipe(least=4, letter="a"))
    assert first == {
        "name": "words",
        "filter": "Words",
        "settings": {"least": 4, "letter": "a"},
        "least": 4,
        "most": None,
    }
    assert (second["name"], second["most"]) == ("marks", 1)


@dataclass(frozen=True, kw_only=True)
class Listed(Words):
    """A filter with a set."""

    words: frozenset[str] = frozenset({"b", "a"})


def test_a_set_is_kept_in_order():
    assert settings_of(Listed())["words"] == ["a", "b"]
