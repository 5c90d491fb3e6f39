"""Modifiers of strings: what each cuts, and that the quick look passes over nothing."""

import pyarrow as pa
import pytest

from curator_text.modifiers.strings import (
    CitationRemover,
    FastTextLabelModifier,
    MarkdownRemover,
    QuotationRemover,
    Slicer,
    UrlRemover,
)

CASES = [
    (UrlRemover(), "see https://a.org/x?y=1 or WWW.b.com now", "see  or  now"),
    (UrlRemover(), "http is a word", "http is a word"),
    (CitationRemover(), "So it is.[3][edit] [citation needed][]", "So it is. "),
    (CitationRemover(), "a[x] b[1, 2]", "a[x] b[1, 2]"),
    (QuotationRemover(), '"a b"', "a b"),
    (QuotationRemover(), '"a" and\nb"', 'a" and\nb'),
    (QuotationRemover(), '"a"\n"b"', '"a"\n"b"'),
    (QuotationRemover(), '""', '""'),
    (MarkdownRemover(), "**bold** *it* _un_ [l](http://u)", "bold it un http://u"),
    (MarkdownRemover(), "snake_case_name 2*3*4 a_b", "snake_case_name 2*3*4 a_b"),
    (Slicer(2, 5), "abcdefg", "cde"),
    (Slicer("b", "f"), "abcdefg", "bcdef"),
    (Slicer("b", "f", include_left=False, include_right=False), "abcdefg", "cde"),
    (Slicer("x"), "abc", ""),
    (Slicer(1, strip=False), "a b ", " b "),
    (Slicer(), " a ", "a"),
    (FastTextLabelModifier("__label__hq"), "a\nb", "__label__hq a b"),
]


@pytest.mark.parametrize(("rule", "text", "expected"), CASES)
def test_a_rule_cuts_what_it_says(rule, text, expected):
    assert rule.modify_document(text) == expected
    likely = rule.may_change(pa.array([text], pa.large_string()))
    if expected != text:
        assert likely is None or likely.tolist() == [True]
