"""Pictures of numbers: drawn inside their frame, and true to the numbers."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from curator_engine.items.score_chart import Line, kept_if, score_chart

VALUES = np.array([0.1, 0.2, 0.2, 0.9])
KEPT = np.array([False, True, True, True])


def parts(svg, kind):
    """Elements of a class."""
    return [e for e in ET.fromstring(svg).iter() if kind in e.get("class", "").split()]


@pytest.mark.parametrize(
    ("limit", "least", "share"), [(0.2, True, 0.75), (0.2, False, 0.75), (1, True, 0.0)]
)
def test_the_share_that_a_limit_keeps(limit, least, share):
    assert kept_if(VALUES, limit, least=least) == share


def test_bars_count_kept_and_dropped():
    svg = score_chart(VALUES, KEPT, [], label="x")
    titles = [e.text for e in ET.fromstring(svg).iter() if e.tag == "title" and e.text]
    assert sum(int(n) for text in titles for n in re.findall(r"(\d+) kept", text)) >= 3
    assert parts(svg, "dropped")


def test_a_limit_near_the_values_is_marked():
    line = Line(value=0.15, least=True, in_force=True)
    svg = score_chart(VALUES, KEPT, [line], label="x")
    assert [e.text for e in parts(svg, "mark") if e.tag == "text"] == ["least 0.15"]


def test_a_limit_far_from_the_values_is_not():
    line = Line(value=500.0, least=True, in_force=False)
    assert parts(score_chart(VALUES, KEPT, [line], label="x"), "mark") == []


@pytest.mark.parametrize("values", [[0.0], [5.0, 5.0], [-1e-12, 1e12]])
def test_odd_values_give_a_picture(values):
    array = np.array(values)
    svg = score_chart(array, np.ones(len(array), bool), [], label="x")
    assert "nan" not in svg


def test_borders_are_named_by_values_that_there_are():
    svg = score_chart(np.array([64.0, 1280.0]), np.ones(2, bool), [], label="x")
    names = [e.text for e in parts(svg, "tick") if "%" not in (e.text or "")]
    assert names[1:] == ["64", "672", "1,280"]
