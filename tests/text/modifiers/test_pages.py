"""Modifiers of paragraphs and pages."""

import pyarrow as pa
import pytest

from curator_text.modifiers.pages import (
    BoilerPlateStringModifier,
    CurlyBracketPages,
    PlaceholderPages,
)

POLICY = "Read our Privacy Policy."
INSIDE = f"One.\n\n{POLICY}\n\nTwo."
CASES = [
    (
        BoilerPlateStringModifier(),
        f"{POLICY}\n\nOne.\n\nTwo.\n\n{POLICY}\n\n{POLICY}",
        "One.\n\nTwo.",
    ),
    (BoilerPlateStringModifier(), INSIDE, INSIDE),
    (BoilerPlateStringModifier(remove_if_at_top_or_bottom=False), INSIDE, "One.\n\nTwo."),
    (BoilerPlateStringModifier(max_words=3), f"{POLICY}\n\nOne.", f"{POLICY}\n\nOne."),
    (BoilerPlateStringModifier(), POLICY, ""),
    (PlaceholderPages(), "Lorem Ipsum dolor", ""),
    (PlaceholderPages(), "Lorem", "Lorem"),
    (CurlyBracketPages(), "a { b", ""),
    (CurlyBracketPages(), "a [ b", "a [ b"),
]


@pytest.mark.parametrize(("rule", "text", "expected"), CASES)
def test_a_rule_leaves_what_it_says(rule, text, expected):
    assert rule.modify_document(text) == expected
    if expected != text:
        assert rule.may_change(pa.array([text], pa.large_string())).tolist() == [True]
