"""Modifiers of lines: what each takes, and that the quick look passes over nothing."""

import pyarrow as pa
import pytest

from curator_text.modifiers.lines import (
    JavascriptLines,
    LineRemover,
    NewlineNormalizer,
    NoticeLines,
    PhraseLines,
    PolicyLines,
    ShortLines,
    TerminalPunctuationLines,
)

CASES = [
    (NewlineNormalizer(), "a\n\n\n\n\nb\n\nc", "a\n\nb\n\nc"),
    (NewlineNormalizer(), "a\r\n\r\n\r\n\r\nb", "a\r\n\r\nb"),
    (NewlineNormalizer(), "a\n\nb\n", "a\n\nb\n"),
    (LineRemover(["Menu", "* * *"]), "Menu\nMenu card\n* * *\nend", "Menu card\nend"),
    (PhraseLines(["Buy now"]), "One.\nbuy NOW!\nTwo.", "One.\nTwo."),
    (PhraseLines(["buy"], max_words=3), "buy this\nbuy this very thing", "buy this very thing"),
    (NoticeLines(), "Text.\nWe use cookies to improve.\nMore.", "Text.\nMore."),
    (NoticeLines(), "JavaScript is a language.", "JavaScript is a language."),
    (NoticeLines(max_words=2), "We use cookies here.", "We use cookies here."),
    (PolicyLines(), "a\nRead our Privacy Policy.\nb", "a\nb"),
    (JavascriptLines(), "a\nJAVASCRIPT\nb", "a\nb"),
    (TerminalPunctuationLines(), 'Yes.\nMenu\nWhy?\n"So."\nand...\n\n', 'Yes.\nWhy?\n"So."'),
    (TerminalPunctuationLines(end_marks="。"), "好。\nno.", "好。"),
    (ShortLines(), "one two three four\none two three four five", "one two three four five"),
    (ShortLines(1, max_word_length=3), "abcd\nabc", "abc"),
]


@pytest.mark.parametrize(("rule", "text", "expected"), CASES)
def test_a_rule_takes_what_it_says(rule, text, expected):
    assert rule.modify_document(text) == expected
    likely = rule.may_change(pa.array([text], pa.large_string()))
    if expected != text:
        assert likely is None or likely.tolist() == [True]
