"""What is kept of answers."""

from typing import Any

import pytest

from curator_text.synthetic.answers import score_in, tidied
from curator_text.synthetic.prompt_recipe import PromptRecipe, load_prompt_recipe


def kept(answer: str, about: str = "A text.", **recipe: Any) -> str:
    return tidied(answer, about, PromptRecipe(output_field="a", prompt="{text}", **recipe))


def test_thinking_and_white_space_go():
    assert kept("<think>well\n</think>\n Yes. \n") == "Yes."
    assert kept("<think>well") == ""


def test_an_opening_goes_and_a_heading_stays():
    given: Any = {"tidy": ("opening",), "openings": ("Here is",)}
    assert kept("Here is the text:\nRain falls.", **given) == "Rain falls."
    assert kept("**Here is the text:**\nRain falls.", **given) == "Rain falls."
    assert kept("Here is where it began.\nRain falls.", **given).startswith("Here is where")


def test_a_refusal_is_no_answer():
    assert kept("I'm sorry, but no.", refusals=("I'm sorry",)) == ""


def test_marks_quotes_and_dashes_go_in_the_order_of_the_recipe():
    assert kept('"**Rain** falls."', tidy=("markdown", "quotes")) == "Rain falls."
    assert kept("Facts:\n- One.\n- Two.", tidy=("list",)) == "One.\nTwo."


def test_pairs_stand_after_the_text_that_they_are_about():
    recipe = load_prompt_recipe("diverse-qa")
    answer = "- Question: What falls?\n  Answer: Rain."
    assert tidied(answer, "Rain falls.", recipe) == (
        "Rain falls.\n\nQuestion: What falls?\nAnswer: Rain."
    )
    assert tidied("I would rather not.", "Rain falls.", recipe) == ""


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ('{"fluency": 4, "terms of art": 5}', 4.5),
        ('Sure:\n```json\n{"Fluency": 3, "terms_of_art": 2.0}\n```', 2.5),
        ('{"fluency": 4}', None),
        ('{"fluency": true, "terms_of_art": 1}', None),
        ("{fluency}", None),
        ("none", None),
    ],
)
def test_scores_are_read_out_of_json(reply, score):
    assert score_in(reply, ("fluency", "terms_of_art")) == score
