"""What is said of a blend."""

from fractions import Fraction

from curator_text.blend.amounts import Amount
from curator_text.report.blend_lines import (
    alarm_lines,
    leak_lines,
    limit_lines,
    part_lines,
    plan_line,
    plan_lines,
)
from curator_text.token_settings import BlendSettings

COUNTS = {"train": {"a": [3, 90]}, "validation": {"a": [1, 10]}, "test": {"a": [0, 0]}}


def amount(taken, *, asked=None, name="a"):
    return Amount(
        source=name,
        share=Fraction(1, 2),
        there=100,
        asked=taken if asked is None else asked,
        taken=taken,
    )


def test_each_source_says_its_epochs_and_what_stays_unused():
    assert plan_line(amount(40)) == (
        "a: weight 50.0%, 40 of its 100 tokens (0.40 epochs); 60 stay unused"
    )
    assert "once (1 epoch)" in plan_line(amount(100))
    assert "its 100 are repeated 2.50 times" in plan_line(amount(250))
    assert "left out; all of its 100 tokens" in plan_line(amount(0))


def test_many_sources_are_cut_short():
    lines = plan_lines([amount(40, name=str(n)) for n in range(30)], COUNTS, BlendSettings())
    assert lines[0] == "blend of 1,200 tokens for training:"
    assert lines[-1] == "  and 10 more sources"


def test_a_limit_says_what_is_lacking():
    [line] = limit_lines([amount(40), amount(200, asked=500)])
    assert "would be read 5.00 times" in line
    assert "300 tokens less" in line


def test_parts_are_said_that_were_asked_for():
    assert part_lines(COUNTS, BlendSettings()) == []
    [line] = part_lines(COUNTS, BlendSettings(split="90,10"))
    assert line == (
        "split by hash: 3 documents for train (90.0% of the tokens), 1 document for validation (10.0% of the tokens)"
    )


def test_leaks_are_told_and_those_of_sites_alarm_nobody():
    leaks = {
        "hash": {"train/validation": 2, "train/test": 0},
        "site": {"train/validation": 5},
        "cluster": {"train/test": 0},
    }
    assert leak_lines(leaks) == [
        "the same text: 2 of validation with train",
        "the same site: 5 of validation with train",
        "the same cluster: no document",
    ]
    parts = {
        "train": {"tokens": 5},
        "test": {"tokens": 0},
        "validation": {"tokens": 0, "left_out": 3},
    }
    facts = {"leaks": leaks, "lacking": 4, "parts": parts}
    lines = alarm_lines(facts, BlendSettings(split="9,1", split_by="cluster"))
    assert [line.partition(" ")[0] for line in lines] == ["documents", "4", "test", "validation"]
    assert "fewer tokens than one sequence" in lines[-1]
