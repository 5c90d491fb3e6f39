"""Lines, paragraphs and URLs."""

import pytest

from curator_text.filters.documents import Documents


def count(name, text):
    return int(Documents.of([text])[name][0])


@pytest.mark.parametrize("text", ["", "\n", " \n\t", "a", "a\n", "a\n\n\u2003\nb", "a\r\nb"])
def test_lines_of_white_space_are_none(text):
    assert count("lines", text) == sum(bool(line.strip()) for line in text.split("\n"))


@pytest.mark.parametrize(
    "text", ["", "\n", "\n\n", "\n\n\n", "a\n\n\nb", "a\n\nb\n\na", "\n\n\n\na"]
)
def test_paragraphs_are_split_as_python_splits(text):
    parts = text.split("\n\n")
    assert count("paragraphs", text) == len(parts)
    assert count("distinct_paragraphs", text) == len(set(parts))
    assert count("distinct_paragraph_chars", text) == sum(map(len, set(parts)))


@pytest.mark.parametrize(
    ("text", "chars"),
    [
        ("http://a", 8),
        ("https://a.b/c", 11),
        ("http://", 0),
        ("http:/a", 0),
        ("httphttp://a", 8),
        ("http://%2F%2", 10),
        ("HTTP://a", 0),
        ("http", 0),
        ("https://", 0),
        ("éhttp://aé", 8),
    ],
)
def test_a_url_ends_at_the_first_byte_that_none_has(text, chars):
    assert count("url_chars", text) == chars


def test_a_phrase_does_not_go_over_the_end_of_a_document():
    assert Documents.of(["terms of", " use"])["boilerplate_paragraphs"].tolist() == [0, 0]


def test_lines_of_equal_length_are_told_apart():
    assert count("distinct_lines", "abcdefgh1\nabcdefgh2\nabcdefgh1") == 2
