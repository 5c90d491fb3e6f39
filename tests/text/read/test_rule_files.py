"""Recipes of rules, for whatever job; tests/text/filters/test_recipe.py has what is refused and how."""

from dataclasses import dataclass, field

import pytest

from curator_engine.errors import SettingsError
from curator_text.read.rule_files import RuleBook


@dataclass(kw_only=True)
class LinesRule:
    """A rule with a list."""

    lines: list[str] = field(default_factory=list)
    name = "lines"


@pytest.fixture
def book(tmp_path):
    (tmp_path / "one.yaml").write_text("rules:\n  - LinesRule: {lines: [a, b]}\n")
    (tmp_path / "bad.yaml").write_text("rules:\n  - Lines: {lines: [a, 1]}\n")
    return RuleBook(
        folder=tmp_path,
        classes=lambda: {"Lines": LinesRule},
        word="rule",
        suffix="Rule",
        example=("Lines", "lines", "[a]"),
    )


def test_a_list_of_texts_is_a_value(book):
    assert book.load("one") == [LinesRule(lines=["a", "b"])]
    assert book.load("one", ["Lines.lines=[c]"]) == [LinesRule(lines=["c"])]


def test_a_list_of_anything_else_is_refused(book):
    with pytest.raises(
        SettingsError, match=r"bad.yaml:2: Lines.lines is .*; it must be a list of texts"
    ):
        book.load("bad")


def test_a_rule_is_made_again_from_its_name_and_values(book):
    assert book.made("Lines", {"lines": ["x"]}) == LinesRule(lines=["x"])
