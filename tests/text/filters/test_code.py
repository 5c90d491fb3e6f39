"""Each rule on source code on both sides of its limit."""

import pytest

from curator_text.filters.code import (
    AlphaFilter,
    NumberOfLinesOfCodeFilter,
    PythonCommentToCodeFilter,
    XMLHeaderFilter,
)

_CODE = 'def f():\n    """Say it."""\n    return 1  # one\n'


@pytest.mark.parametrize(
    ("rule", "kept", "dropped"),
    [
        (NumberOfLinesOfCodeFilter(), 9 * "a\n", 8 * "a\n"),
        (AlphaFilter(), "a123", "a1234"),
        (XMLHeaderFilter(), 100 * " " + "<?xml version=", 86 * " " + "<?xml version="),
        (PythonCommentToCodeFilter(), _CODE, "x = 1\n" * 20),
        (PythonCommentToCodeFilter(), _CODE, "# only a comment\n"),
    ],
)
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    assert [rule.keep_document(rule.score_document(text)) for text in (kept, dropped)] == [
        True,
        False,
    ]


def test_comments_and_docstrings_count_by_their_characters():
    assert PythonCommentToCodeFilter().score_document(_CODE) == len("Say it.# one") / len(_CODE)


@pytest.mark.parametrize("text", ["def f(:", "", "\x00", "(" * 5000, "'''", "  a\n b"])
def test_what_is_no_python_has_no_comments(text):
    assert PythonCommentToCodeFilter().score_document(text) == 0
