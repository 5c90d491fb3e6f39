"""The fields of answers, and whom to ask."""

import pyarrow as pa

from curator_text.synthetic.ask_documents import answer_fields, question_about
from curator_text.synthetic.prompt_recipe import PromptRecipe, load_prompt_recipe


def test_rows_get_a_score_only_where_the_recipe_scores():
    assert list(answer_fields("a", PromptRecipe(output_field="a", prompt="{text}"))) == [
        "a",
        "a_end",
    ]
    scored = load_prompt_recipe("translate", ["target_lang=German"])
    assert answer_fields("a", scored)["a_score"] == pa.float64()


def test_a_question_has_what_the_recipe_says():
    question = question_about("Rain.", load_prompt_recipe("distill", ["max_tokens=7"]))
    assert question.prompt.endswith("Text:\nRain.")
    assert (question.max_tokens, question.temperature) == (7, 0.0)
    assert question.system.startswith("You shorten")
