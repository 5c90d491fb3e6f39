"""C4's rules on documents on both sides of their limits, from their definitions."""

import pytest

from curator_text.filters.c4 import C4CurlyBracketsFilter, C4LoremIpsumFilter, C4SentencesFilter

_FIVE = 5 * "This line ends well.\n"
_CASES = [
    (C4LoremIpsumFilter(), "Lorem ipsum", "Here is Lorem Ipsum."),
    (C4CurlyBracketsFilter(), "if (a) {\n", "They write if (a) {b}."),
    (C4CurlyBracketsFilter(need_end_mark=False), "if {\n", "if (a) then {\n"),
    (C4SentencesFilter(), _FIVE, _FIVE[:-2]),
    (C4SentencesFilter(), 4 * "This ends well. " + "Here too!", 4 * "This ends well. " + "Here too..."),
    (C4SentencesFilter(), 5 * "Three words here.\n", 5 * "Two words.\n"),
    (C4SentencesFilter(), 5 * "Use your cookies here.\n", 5 * "We use cookies here.\n"),
    (C4SentencesFilter(), 5 * "Scripts are needed here.\n", 5 * "Enable Javascript to go on.\n"),
    (C4SentencesFilter(), 5 * f"It is {1000 * 'a'} long.\n", 5 * f"It is {1001 * 'a'} long.\n"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "kept", "dropped"), _CASES)
def test_a_document_at_the_limit_stays_and_one_past_it_goes(rule, kept, dropped):
    scores = [rule.score_document(text) for text in (kept, dropped)]
    assert [rule.keep_document(score) for score in scores] == [True, False], scores
