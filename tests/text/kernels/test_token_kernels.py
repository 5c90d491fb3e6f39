"""Words and marks, as spaCy's rules for English find them: the lists were taken from spaCy 3.8, `blank("en")`."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curator_text.filters.documents import Documents


def tokens_of(text):
    begin, stop, *_ = Documents.of([text]).tokens._tokens
    count = int(Documents.of([text]).tokens["tokens"][0])
    raw = text.encode()
    return [raw[a:b].decode() for a, b in zip(begin[:count], stop[:count], strict=True)]


_CASES = {
    "Don't they've it\u2019s o'clock dogs' cannot": "Do n't they 've it \u2019s o'clock dogs ' can not",
    "e-mail (me@x.com), well-known; 1990-1995": "e - mail ( me@x.com ) , well - known ; 1990 - 1995",
    "http://www.x.org/a/b?c=d... www.x.org/y-z.": "http://www.x.org/a/b?c=d ... www.x.org/y-z .",
    "--- ==== ** ___ ..... \u2026": "--- = = = = * * _ _ _ ..... \u2026",
    "3.14 U.S. e.g. Mr. NATO. end. End.Next": "3.14 U.S. e.g. Mr. NATO . end . End . Next",
    "a/b and/or C++ *.py x=1 a=b foo.bar(baz)": "a / b and/or C++ * .py x=1 a = b foo.bar(baz )",
    "10km $5.50 5% 3:30pm -5 5+ 1+1 +x": "10 km $ 5.50 5 % 3:30pm -5 5 + 1 + 1 + x",
    "<tag> a\u2026b \u2018q\u2019 \u201cq\u201d :) f(): x;": "< tag > a \u2026 b \u2018 q \u2019 \u201c q \u201d :) f ( ): x ;",
    "na\u00efve \u4e2d\u6587\u3002 \u0441\u043b\u043e\u0432\u043e, \u2605\u2605 it's": "na\u00efve \u4e2d\u6587 \u3002 \u0441\u043b\u043e\u0432\u043e , \u2605 \u2605 it 's",
}  # fmt: skip


@pytest.mark.parametrize("text", _CASES)
def test_marks_go_off_words_as_in_spacy(text):
    assert tokens_of(text) == _CASES[text].split()


_PARTS = [
    *"aZ09.,-'\u2019()[]{}<>=/:;+*^$%#_@!?\u2026\u2014\u00e9\u4e2d\u0301\U0001f600 \n\t\u2003",
    "n't",
    "km",
    "...",
]


@settings(max_examples=150)
@given(st.lists(st.sampled_from(_PARTS), max_size=40).map("".join))
def test_tokens_are_the_text_without_white_space(text):
    assert "".join(tokens_of(text)) == "".join(text.split())


def test_a_letter_and_a_point_inside_of_a_piece_are_one_token():
    assert tokens_of("name: t.Optional") == ["name", ":", "t.", "Optional"]


def test_a_document_of_marks_only_is_found_in_its_room():
    documents = Documents.of(["(" * 5000 + ")" * 5000, "...", ""])
    assert documents.tokens["tokens"].tolist() == [10000, 1, 0]


def test_listed_words_count_once_each_and_in_their_case():
    tokens = Documents.of(["the The the and", "of", ""]).tokens
    assert tokens.listed(["the", "and", "of", "the"]).tolist() == [2, 1, 0]


def test_words_that_are_symbols_only_are_no_words():
    tokens = Documents.of(["a, b - 1 \uff11"]).tokens
    names = ("tokens", "words_of_tokens", "chars_of_words", "tokens_with_letters")
    assert [int(tokens[name][0]) for name in names] == [6, 3, 3, 2]
