"""Parts of texts: small enough, nothing lost, and together the text again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curator_engine.models.chat_asker import about_tokens
from curator_text.synthetic.segments import joined, segments_of

CODE = "Intro line.\n\n```python\nx = 1  # code\n```\n---\nLast line."


def test_a_text_is_one_part_unless_it_is_too_long():
    assert [each.text for each in segments_of("a\nb")] == ["a\nb"]


@given(st.text("ab 1\n`~", max_size=200), st.integers(3, 30), st.booleans())
def test_parts_make_the_text_again(text, most, carry):
    parts = segments_of(text, most_tokens=most, carry=carry)
    assert joined(parts, [None] * len(parts)) == text
    words = [word for part in parts for word in part.text.split()]
    assert words == text.split()


def test_parts_are_no_longer_than_asked_for():
    text = "\n".join(f"line {n} of a text that is long" for n in range(50)) + " word" * 300
    parts = segments_of(text, most_tokens=40)
    assert max(about_tokens(part.text) for part in parts) <= 40
    assert len(parts) > 10


def test_short_parts_are_not_asked_about():
    assert [each.asked for each in segments_of("Too short.", least_tokens=5)] == [False]


def test_code_and_lines_without_letters_stay():
    parts = segments_of(CODE, most_tokens=50, carry=True)
    asked = [each.text for each in parts if each.asked]
    assert asked == ["Intro line.\n", "Last line."]
    answers = ["X" if each.asked else None for each in parts]
    assert joined(parts, answers) == "X\n\n```python\nx = 1  # code\n```\n---\nX"


@pytest.mark.parametrize("text", ["", " \n "])
def test_nothing_is_not_asked_about(text):
    assert not any(each.asked for each in segments_of(text, most_tokens=10, carry=True))
