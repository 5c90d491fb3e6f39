"""Charts are well-formed and to scale."""

from xml.etree import ElementTree as ET

import pytest

from curator_engine.report.svg_charts import Plot, share_bar

PLOT = Plot(width=120, height=70, left=10, right=10, top=10, bottom=10, low=5.0, high=10.0)


def shapes(svg, kind):
    return [each for each in ET.fromstring(svg).iter() if kind in each.get("class", "").split()]


def drawn(*parts):
    return PLOT.svg(parts, "x")


def test_the_frame_spans_the_values_and_the_shares():
    assert (PLOT.x(5), PLOT.x(10), PLOT.y(0), PLOT.y(1)) == (10, 110, 60, 10)


def test_a_bar_stands_between_its_values_and_shares():
    svg = drawn(PLOT.bar(5, 7.5, top=1.0, base=0.5, title="half", kind="bar"))
    (bar,) = shapes(svg, "bar")
    assert [bar.get(name) for name in ("x", "y", "width", "height")] == [
        "10.5",
        "10.0",
        "49.0",
        "25.0",
    ]
    assert bar[0].text == "half"


def test_a_narrow_bar_can_still_be_seen():
    svg = drawn(PLOT.bar(5, 5.001, top=1.0, title="", kind="bar"))
    assert shapes(svg, "bar")[0].get("width") == "1.0"


def test_a_curve_has_a_point_per_pair():
    (curve,) = shapes(drawn(PLOT.curve([(5, 0.0), (10, 1.0)])), "curve")
    assert curve.get("points") == "10.0,60.0 110.0,10.0"


@pytest.mark.parametrize(("value", "anchor"), [(6, "start"), (9, "end")])
def test_the_name_of_a_mark_lies_on_the_side_with_space(value, anchor):
    line, text = shapes(drawn(PLOT.mark(value, "limit")), "mark")
    assert line.get("x1") == str(PLOT.x(value))
    assert (text.text, text.get("text-anchor")) == ("limit", anchor)


@pytest.mark.parametrize(("side", "x"), [("left", "3.0"), ("right", "115.0")])
def test_the_grid_is_named_on_one_side(side, x):
    names = shapes(drawn(PLOT.grid(side)), "tick")
    assert [(name.text, name.get("x")) for name in names] == [("0%", x), ("50%", x), ("100%", x)]


def test_a_tick_stands_below_its_value():
    (tick,) = shapes(drawn(PLOT.ticks({7.5: "middle"})), "tick")
    assert (tick.text, tick.get("x")) == ("middle", "60.0")


@pytest.mark.parametrize(("share", "width"), [(-1, 0), (0.25, 25), (2, 100)])
def test_a_share_is_a_part_of_its_track(share, width):
    (bar,) = shapes(share_bar(share, "bar alarm"), "alarm")
    assert float(bar.get("width", "")) == width
