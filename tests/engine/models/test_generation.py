"""Batches of questions in which one fails."""

from curator_engine.models.generation import answer_each
from curator_engine.models.questions import Answer, Question


def echo(questions: list[Question]) -> list[str]:
    if any(question.prompt == "bad" for question in questions):
        raise ValueError("a bad\nquestion")
    return [question.prompt.upper() for question in questions]


def test_a_batch_is_asked_once():
    sizes: list[int] = []

    def ask(questions: list[Question]) -> list[str]:
        sizes.append(len(questions))
        return echo(questions)

    assert answer_each(ask, [Question(prompt="a"), Question(prompt="b")]) == [
        Answer(text="A"),
        Answer(text="B"),
    ]
    assert sizes == [2]


def test_where_a_batch_fails_only_the_bad_question_does():
    answers = answer_each(echo, [Question(prompt=each) for each in ("a", "bad", "c")])
    assert answers == [
        Answer(text="A"),
        Answer(error="ValueError: a bad question"),
        Answer(text="C"),
    ]


def test_an_empty_answer_is_an_error():
    assert answer_each(lambda questions: [" "], [Question(prompt="a")])[0].error
